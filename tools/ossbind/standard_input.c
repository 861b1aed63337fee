#define _POSIX_C_SOURCE 200809L
#include "stop.h"
#include <errno.h>
#include <poll.h>
#include <unistd.h>

int32_t read_standard_input(void *userdata, uint8_t *buf, size_t cap, size_t *out_n) {
  (void)userdata;
  struct pollfd waiting[] = {{STDIN_FILENO, POLLIN, 0}, {stop_descriptor(), POLLIN, 0}};
  for (;;) {
    if (poll(waiting, 2, -1) < 0) {
      if (errno == EINTR)
        continue;
      return errno;
    }
    if (waiting[1].revents)
      return ECANCELED;
    ssize_t count = read(STDIN_FILENO, buf, cap);
    if (count >= 0) {
      *out_n = (size_t)count;
      return 0;
    }
    if (errno != EINTR && errno != EAGAIN)
      return errno;
  }
}
