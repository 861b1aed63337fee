/* Ends an upload with Ctrl-C (SIGINT) or SIGTERM, wherever it is, and says what is true of the object then.
 *
 *   cancel_from_signal FILE [KEY]
 *
 * From the environment: OSS_ENDPOINT, OSS_REGION, OSS_ACCESS_KEY_ID, OSS_ACCESS_KEY_SECRET,
 * OSS_BUCKET and OSS_CALLBACK_URL. Exit code: 0 acknowledged, 2 stored but the callback failed,
 * 1 anything else. */
#define _POSIX_C_SOURCE 200809L
#include <ossbind.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

static ossbind_cancel *cancel; /* made before the handler is installed, freed after the upload */

static void on_signal(int number) {
  (void)number;
  ossbind_cancel_trigger(cancel); /* takes no lock, so a signal handler may call it */
}

static void handle_signals(void) {
  struct sigaction action = {0};
  action.sa_handler = on_signal;
  sigaction(SIGINT, &action, NULL);
  sigaction(SIGTERM, &action, NULL);
}

int main(int argc, char **argv) {
  if (argc < 2) {
    fprintf(stderr, "usage: cancel_from_signal FILE [KEY]\n");
    return 1;
  }
  if (ossbind_cancel_new(&cancel) != OSSBIND_STATUS_OK)
    return 1;
  handle_signals();

  ossbind_callback callback;
  ossbind_callback_init(&callback);
  callback.url = getenv("OSS_CALLBACK_URL");
  callback.body = "object=${object}&size=${size}";

  ossbind_upload_request request;
  ossbind_upload_request_init(&request);
  request.bucket = getenv("OSS_BUCKET");
  request.key = argc > 2 ? argv[2] : "ossbind-example";
  request.body = OSSBIND_BODY_KIND_FILE;
  request.file_path = argv[1];
  request.callback = &callback;
  request.cancel = cancel;

  ossbind_error *error = NULL;
  ossbind_status status = ossbind_upload(NULL, &request, NULL, &error);

  printf("%s\n", ossbind_status_name(status));
  if (error)
    fprintf(stderr, "%s (%s, %s)\n", ossbind_error_message(error),
            ossbind_object_state_name(ossbind_error_object_state(error)),
            ossbind_advice_name(ossbind_error_advice(error)));
  ossbind_error_free(error);
  ossbind_cancel_free(cancel);
  return status == OSSBIND_STATUS_OK ? 0 : status == OSSBIND_STATUS_CALLBACK_FAILED ? 2 : 1;
}
