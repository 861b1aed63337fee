/* A line on the terminal that says how far an upload is. */
#ifndef OSSBIND_COMMAND_PROGRESS_H
#define OSSBIND_COMMAND_PROGRESS_H

#include <ossbind.h>

struct progress_line {
  uint64_t shown; /* per cents, or MiB of a body of unknown size, plus one; 0: nothing so far */
};

/* An ossbind_progress_fn whose userdata is a progress_line. */
int32_t show_progress(void *userdata, const ossbind_progress *progress);

/* Leaves the line, so that what follows stands below it. */
void end_progress(const struct progress_line *line);

#endif
