/* Preloaded into a program, a system whose network has no memory for the first NO_BUFFERS calls. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

ssize_t sendmsg(int socket, const struct msghdr *message, int flags) {
  static atomic_ulong calls;
  const char *failures = getenv("NO_BUFFERS");
  if (failures && atomic_fetch_add(&calls, 1) < strtoul(failures, NULL, 10)) {
    errno = ENOBUFS;
    return -1;
  }
  return syscall(SYS_sendmsg, socket, message, flags);
}
