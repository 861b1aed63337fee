/* Uploads the files argv[2]/0, argv[2]/1, … in parts of 100 KiB with checkpoints in the folder argv[3], argv[4]
 * times in all, while no thread can be started and the system call argv[1] fails. Prints a line for each upload. */
#define _GNU_SOURCE
#include <errno.h>
#include <ossbind.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char *failing = "";

static int fails(const char *call, int error) {
  errno = error;
  return strcmp(failing, call) == 0;
}

/* The library calls these instead of those of libc. */

int unlink(const char *path) {
  const char *ending = strrchr(path, '.');
  if (ending && strcmp(ending, ".json") == 0 && fails("unlink", EIO))
    return -1;
  return (int)syscall(SYS_unlink, path);
}

int fsync(int fd) { return fails("fsync", EIO) ? -1 : (int)syscall(SYS_fsync, fd); }

int flock(int fd, int operation) {
  static int interrupted;
  if (!interrupted++ && fails("flock", EINTR))
    return -1;
  return (int)syscall(SYS_flock, fd, operation);
}

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *),
                   void *argument) {
  (void)thread, (void)attributes, (void)run, (void)argument;
  return EAGAIN;
}

static void log_line(void *userdata, ossbind_log_level level, const char *message) {
  (void)userdata, (void)level;
  printf("%s\n", message);
}

int main(int argc, char **argv) {
  if (argc < 5)
    return 2;
  failing = argv[1];
  if (strcmp(failing, "write") == 0) {
    /* As on a full disk: files can be made, and nothing be written to them. */
    struct rlimit nothing = {0, 0};
    signal(SIGXFSZ, SIG_IGN);
    setvbuf(stdout, NULL, _IONBF, 0);
    setrlimit(RLIMIT_FSIZE, &nothing);
  }
  ossbind_client_config config;
  ossbind_client_config_init(&config);
  config.log = log_line;
  config.log_level = OSSBIND_LOG_LEVEL_WARNING;
  ossbind_client *client = NULL;
  if (ossbind_client_new(&config, &client, NULL) != OSSBIND_STATUS_OK)
    return 2;
  int count = atoi(argv[4]);
  for (int number = 0; number < count; number++) {
    char path[1024], key[32];
    snprintf(key, sizeof key, "%d", number);
    snprintf(path, sizeof path, "%s/%s", argv[2], key);
    ossbind_upload_request request;
    ossbind_upload_request_init(&request);
    request.bucket = getenv("OSS_BUCKET");
    request.key = key;
    request.body = OSSBIND_BODY_KIND_FILE;
    request.file_path = path;
    request.checkpoint_dir = argv[3];
    request.flags = argc > 5 ? OSSBIND_UPLOAD_REQUIRE_CHECKPOINT : 0;
    request.part_size = request.multipart_threshold = 102400;
    ossbind_error *error = NULL;
    ossbind_status status = ossbind_client_upload(client, &request, NULL, &error);
    printf("%s %s %s\n", ossbind_status_name(status),
           error ? ossbind_advice_name(ossbind_error_advice(error)) : "",
           error ? ossbind_error_message(error) : "");
    ossbind_error_free(error);
  }
  ossbind_client_free(client);
  return 0;
}
