/* Takes the place of libc's fsync: what IS_LEFT_OUT says of the type of a file is not made durable. */
#define _GNU_SOURCE
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

int fsync(int fd) {
  struct stat status;
  if (fstat(fd, &status) == 0 && IS_LEFT_OUT(status.st_mode))
    return 0;
  return (int)syscall(SYS_fsync, fd);
}
