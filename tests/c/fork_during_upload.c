/* Stops an upload with a checkpoint after it has forked, and goes on while the child still lives: the child has all
 * descriptors of the upload. The arguments are a file of two parts and a folder. */
#include <ossbind.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>
#include "check.h"

static pid_t child = -1;
static int end_of_parent[2];

static int32_t fork_and_stop(void *userdata, const ossbind_progress *progress) {
  (void)userdata, (void)progress;
  CHECK(pipe(end_of_parent) == 0);
  child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    char byte;
    close(end_of_parent[1]);
    _exit(read(end_of_parent[0], &byte, 1) == 0 ? 0 : 1);
  }
  return 1;
}

int main(int argc, char **argv) {
  ossbind_upload_request request;
  ossbind_error *error = NULL;
  int status = -1;
  CHECK(argc == 3);
  ossbind_upload_request_init(&request);
  request.bucket = getenv("OSS_BUCKET");
  request.key = "forked";
  request.body = OSSBIND_BODY_KIND_FILE;
  request.file_path = argv[1];
  request.checkpoint_dir = argv[2];
  request.multipart_threshold = request.part_size = 100 * 1024;
  request.parallel = 1;
  request.progress = fork_and_stop;
  CHECK(ossbind_upload(NULL, &request, NULL, NULL) == OSSBIND_STATUS_ABORTED_BY_CALLER);

  request.progress = NULL;
  if (ossbind_upload(NULL, &request, NULL, &error) != OSSBIND_STATUS_OK)
    printf("%s\n", ossbind_error_message(error));
  CHECK(!error);
  close(end_of_parent[1]);
  CHECK(waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  return 0;
}
