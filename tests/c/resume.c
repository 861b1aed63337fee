/* Uploads the file argv[1] in parts of 100 KiB with a checkpoint in the folder argv[2] and a callback,
 * as the environment says. */
#include <ossbind.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv) {
  ossbind_callback callback;
  ossbind_callback_init(&callback);
  callback.url = getenv("OSS_CALLBACK_URL");
  callback.body = "object=${object}";

  ossbind_upload_request request;
  ossbind_upload_request_init(&request);
  request.bucket = getenv("OSS_BUCKET");
  request.key = "resumed";
  request.body = OSSBIND_BODY_KIND_FILE;
  request.file_path = argc > 1 ? argv[1] : NULL;
  request.checkpoint_dir = argc > 2 ? argv[2] : NULL;
  request.part_size = request.multipart_threshold = 102400;
  request.callback = &callback;

  ossbind_error *error = NULL;
  ossbind_status status = ossbind_upload(NULL, &request, NULL, &error);
  ossbind_object_state state =
      error ? ossbind_error_object_state(error) : OSSBIND_OBJECT_STATE_STORED;
  printf("%s, %s: %s\n", ossbind_status_name(status), ossbind_object_state_name(state),
         error ? ossbind_error_message(error) : "");
  ossbind_error_free(error);
  return state == OSSBIND_OBJECT_STATE_STORED ? 0 : 1;
}
