/* A service is the leader of a session without a terminal. If it opens one, that becomes its own, and
 * ends it when it hangs up. */
#define _GNU_SOURCE

#include <ossbind.h>

#include "check.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void upload(const char *path) {
  ossbind_client_config config;
  ossbind_client_config_init(&config);
  config.endpoint = "http://127.0.0.1:1";
  config.region = "cn-hangzhou";
  config.access_key_id = config.access_key_secret = "key";
  ossbind_upload_request request;
  ossbind_upload_request_init(&request);
  request.bucket = "examplebucket";
  request.key = "key";
  request.body = OSSBIND_BODY_KIND_FILE;
  request.file_path = path;
  CHECK(ossbind_upload(&config, &request, NULL, NULL) == OSSBIND_STATUS_BODY);
}

int main(void) {
  const int terminal = posix_openpt(O_RDWR | O_NOCTTY);
  CHECK(terminal >= 0 && grantpt(terminal) == 0 && unlockpt(terminal) == 0);
  const char *path = ptsname(terminal);
  CHECK(path != NULL);
  const pid_t child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    CHECK(setsid() > 0);
    upload(path);
    CHECK(open("/dev/tty", O_RDWR) == -1 && errno == ENXIO);
    _exit(0);
  }
  int status = 1;
  CHECK(waitpid(child, &status, 0) == child && status == 0);
  return 0;
}
