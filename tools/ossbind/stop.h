/* Ctrl-C (SIGINT) and SIGTERM end an upload in an orderly way. */
#ifndef OSSBIND_COMMAND_STOP_H
#define OSSBIND_COMMAND_STOP_H

#include <ossbind.h>

/* From now on the two signals trigger the cancel object, and a second one ends the program at once. NULL,
 * with a message, when that is not possible: then the first one ends it. Once per process. */
const ossbind_cancel *stop_on_signals(void);

/* A descriptor that can be read as soon as a signal has come. */
int stop_descriptor(void);

/* Gives standard input to an upload: an ossbind_read_fn. Fails with an errno. */
int32_t read_standard_input(void *userdata, uint8_t *buf, size_t cap, size_t *out_n);

#endif
