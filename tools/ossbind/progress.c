#include "progress.h"
#include <inttypes.h>
#include <stdio.h>

int32_t show_progress(void *userdata, const ossbind_progress *progress) {
  struct progress_line *line = userdata;
  int has_total = progress->total != UINT64_MAX;
  double share = (double)progress->sent / (double)progress->total;
  uint64_t now = has_total ? (uint64_t)(100.0 * share) : progress->sent >> 20;
  /* Not each time: a slow serial console must not slow the upload down. */
  if (now + 1 != line->shown)
    fprintf(stderr, "\r%3" PRIu64 " %s", now, has_total ? "%" : "MiB");
  line->shown = now + 1;
  return 0;
}

void end_progress(const struct progress_line *line) {
  if (line->shown > 0)
    fputc('\n', stderr);
}
