/* Uploads the file argv[1] as the environment says, with argv[2] parts at a time, or in a single
 * request when that is 0, and prints what it took: peak resident bytes, CPU seconds in the program
 * and in the kernel, wall seconds. */
#include <ossbind.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

/* VmHWM belongs to this program alone; ru_maxrss also counts the process that started it. */
static long peak_resident_kib(void) {
  char line[256];
  long kib = -1;
  FILE *status = fopen("/proc/self/status", "r");
  while (status && fgets(line, sizeof line, status))
    if (strncmp(line, "VmHWM:", 6) == 0)
      kib = strtol(line + 6, NULL, 10);
  if (status)
    fclose(status);
  return kib;
}

static double seconds(struct timeval time) {
  return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

int main(int argc, char **argv) {
  ossbind_upload_request request;
  ossbind_upload_request_init(&request);
  request.bucket = getenv("OSS_BUCKET");
  request.key = "benchmark";
  request.body = OSSBIND_BODY_KIND_FILE;
  request.file_path = argc > 1 ? argv[1] : NULL;
  request.parallel = argc > 2 ? (size_t)strtoul(argv[2], NULL, 10) : 0;
  request.multipart_threshold = request.parallel ? 1 : (uint64_t)5 << 30;

  struct timespec begin, end;
  struct rusage usage;
  ossbind_error *error = NULL;
  clock_gettime(CLOCK_MONOTONIC, &begin);
  ossbind_status status = ossbind_upload(NULL, &request, NULL, &error);
  clock_gettime(CLOCK_MONOTONIC, &end);
  if (status != OSSBIND_STATUS_OK) {
    fprintf(stderr, "%s\n", ossbind_error_message(error));
    return 1;
  }
  getrusage(RUSAGE_SELF, &usage);
  printf("%ld %.3f %.3f %.3f\n", peak_resident_kib() * 1024, seconds(usage.ru_utime),
         seconds(usage.ru_stime),
         (double)(end.tv_sec - begin.tv_sec) + (double)(end.tv_nsec - begin.tv_nsec) / 1e9);
  return 0;
}
