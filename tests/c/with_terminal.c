/* Runs a program whose standard error is a terminal, and prints what appears there. */
#define _XOPEN_SOURCE 600
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv) {
  int status, terminal = posix_openpt(O_RDWR | O_NOCTTY);
  if (argc < 2 || terminal < 0 || grantpt(terminal) != 0 || unlockpt(terminal) != 0)
    return 99;
  int other_end = open(ptsname(terminal), O_RDWR | O_NOCTTY);
  pid_t child = fork();
  if (child == 0) {
    dup2(other_end, STDERR_FILENO);
    close(other_end);
    close(terminal);
    execv(argv[1], argv + 1);
    _exit(98);
  }
  close(other_end);
  char shown[4096];
  ssize_t count;
  while ((count = read(terminal, shown, sizeof shown)) > 0) /* fails when the child has ended */
    fwrite(shown, 1, (size_t)count, stdout);
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 97;
}
