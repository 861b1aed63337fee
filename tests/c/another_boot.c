/* Linked to a program, each moment is of another boot, as before and after a power cut. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int open64(const char *path, int flags, ...) {
  mode_t mode = 0;
  if (flags & O_CREAT) {
    va_list more;
    va_start(more, flags);
    mode = va_arg(more, mode_t);
    va_end(more);
  }
  if (strcmp(path, "/proc/sys/kernel/random/boot_id") == 0)
    path = "/proc/sys/kernel/random/uuid"; /* a new one each time */
  return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}
