/* Preloaded into a program, the clock of a board without a battery: 1970 and what has passed since. */
#define _GNU_SOURCE
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

int clock_gettime(clockid_t clock, struct timespec *now) {
  /* Monotonic clocks begin when the board does. */
  clockid_t real = clock == CLOCK_REALTIME ? CLOCK_MONOTONIC : clock;
  return (int)syscall(SYS_clock_gettime, real, now);
}

#ifdef SYS_clock_gettime64
/* Where time_t has 32 bits, programs that know the time after 2038 call this one; Rust's do. */
int __clock_gettime64(clockid_t clock, int64_t now[2]);

int __clock_gettime64(clockid_t clock, int64_t now[2]) {
  clockid_t real = clock == CLOCK_REALTIME ? CLOCK_MONOTONIC : clock;
  return (int)syscall(SYS_clock_gettime64, real, now);
}
#endif

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
  struct timespec time;
  (void)zone;
  clock_gettime(CLOCK_REALTIME, &time);
  now->tv_sec = time.tv_sec;
  now->tv_usec = time.tv_nsec / 1000;
  return 0;
}

time_t time(time_t *out) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (out)
    *out = now.tv_sec;
  return now.tv_sec;
}
