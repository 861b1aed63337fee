/* Takes the place of what makes files durable: what IS_LEFT_OUT says of the type of a file is not.
 * syncfs, which the library calls without libc, makes nothing durable when files are left out. */
#define _GNU_SOURCE
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static int sync_with(long call, int fd) {
  struct stat status;
  if (fstat(fd, &status) == 0 && IS_LEFT_OUT(status.st_mode))
    return 0;
  return (int)syscall(call, fd);
}

int fsync(int fd) { return sync_with(SYS_fsync, fd); }

int fdatasync(int fd) { return sync_with(SYS_fdatasync, fd); }

__attribute__((constructor)) static void leave_out_syncfs(void) {
  struct sock_filter steps[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_syncfs, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO), /* without an error: done */
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  struct sock_fprog filter = {sizeof steps / sizeof *steps, steps};
  if (IS_LEFT_OUT(S_IFREG) && (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
                               prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) != 0))
    abort();
}
