/* Runs a program and prints what it took: wall seconds, CPU seconds in the program and in the kernel,
 * peak resident KiB. A program of its own, for the peak counts that of the process that starts it. */
#include <stdio.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double seconds(struct timeval time) {
  return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

int main(int argc, char **argv) {
  struct timespec begin, end;
  struct rusage usage;
  int status;
  if (argc < 2)
    return 2;
  clock_gettime(CLOCK_MONOTONIC, &begin);
  pid_t child = fork();
  if (child == 0) {
    execv(argv[1], argv + 1);
    _exit(127);
  }
  if (child < 0 || wait4(child, &status, 0, &usage) != child)
    return 1;
  clock_gettime(CLOCK_MONOTONIC, &end);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
    return 1;
  printf("%.6f %.6f %.6f %ld\n",
         (double)(end.tv_sec - begin.tv_sec) + (double)(end.tv_nsec - begin.tv_nsec) / 1e9,
         seconds(usage.ru_utime), seconds(usage.ru_stime), usage.ru_maxrss);
  return 0;
}
