/* Linked to an example under torture. It marks in the trace of its system calls where the program itself begins
 * and ends, and fails it when it ends with a descriptor that nobody needs any more.
 * KEPT_CONNECTIONS says how many sockets the client of the process may keep for its next upload. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { LEAKED = 99, MOST = 1024 };

/* Those that the program was started with. */
static char inherited[MOST];

/* Whether /proc/self/task has more than one folder, beside "." and "..": its links are counted. */
static int has_threads(void) {
  struct stat about;
  return stat("/proc/self/task", &about) == 0 && about.st_nlink > 3;
}

__attribute__((constructor)) static void begin(void) {
  for (int fd = 0; fd < MOST; fd++) {
    char path[32];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    inherited[fd] = access(path, F_OK) == 0;
  }
  (void)!access("/torture/begins", F_OK);
}

/* The library's threads end by themselves once the answer that they waited for has come, or is of no use. */
static void await_threads(void) {
  for (int tries = 0; tries < 3000 && has_threads(); tries++)
    nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
}

__attribute__((destructor)) static void end(void) {
  const char *limit = getenv("KEPT_CONNECTIONS");
  int leaked = 0, sockets = 0;
  (void)!access("/torture/ends", F_OK);
  await_threads();
  for (int fd = 0; fd < MOST; fd++) {
    char path[32], target[256] = "";
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    if (inherited[fd] || readlink(path, target, sizeof target - 1) < 0)
      continue;
    if (strcmp(target, "/dev/urandom") == 0) /* the standard library of Rust keeps it */
      continue;
    if (strncmp(target, "socket:", 7) == 0 && ++sockets <= (limit ? atoi(limit) : 0))
      continue;
    fprintf(stderr, "descriptor %d is still open: %s\n", fd, target);
    leaked = 1;
  }
  if (leaked) {
    fflush(NULL);
    _exit(LEAKED);
  }
}
