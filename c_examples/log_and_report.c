/* Bounds an upload in time, writes the messages of the library to a log, and prints the report of a failure
 * for a support ticket.
 *
 *   log_and_report FILE [KEY]
 *
 * From the environment: OSS_ENDPOINT, OSS_REGION, OSS_ACCESS_KEY_ID, OSS_ACCESS_KEY_SECRET,
 * OSS_BUCKET and OSS_CALLBACK_URL. Exit code: 0 acknowledged, 2 stored but the callback failed,
 * 1 anything else. */
#include <ossbind.h>
#include <stdio.h>
#include <stdlib.h>

/* Any thread that uses the client calls this, so it must be safe to call from several at once. */
static void write_log(void *userdata, ossbind_log_level level, const char *message) {
  const char *name = level == OSSBIND_LOG_LEVEL_WARNING ? "warning" : "info";
  fprintf(userdata, "%s: %s\n", name, message);
}

static ossbind_status upload(const ossbind_client *client, const char *path, const char *key,
                             ossbind_error **error) {
  ossbind_callback callback;
  ossbind_callback_init(&callback);
  callback.url = getenv("OSS_CALLBACK_URL");
  callback.body = "object=${object}&size=${size}";

  ossbind_upload_request request;
  ossbind_upload_request_init(&request);
  request.bucket = getenv("OSS_BUCKET");
  request.key = key;
  request.body = OSSBIND_BODY_KIND_FILE;
  request.file_path = path;
  request.callback = &callback;
  request.timeout_ms = 10 * 60 * 1000; /* the whole call, with everything that is tried again */
  return ossbind_client_upload(client, &request, NULL, error);
}

int main(int argc, char **argv) {
  if (argc < 2) {
    fprintf(stderr, "usage: log_and_report FILE [KEY]\n");
    return 1;
  }
  ossbind_client_config config; /* endpoint and keys come from the environment */
  ossbind_client_config_init(&config);
  config.log = write_log;
  config.log_userdata = stderr;
  config.log_level = OSSBIND_LOG_LEVEL_INFO;
  config.network_connect_timeout_ms = 5000;
  config.network_idle_timeout_ms = 15000; /* OSS may wait 5 s for the callback */

  ossbind_client *client = NULL;
  ossbind_error *error = NULL;
  ossbind_status status = ossbind_client_new(&config, &client, &error);
  if (status == OSSBIND_STATUS_OK)
    status = upload(client, argv[1], argc > 2 ? argv[2] : "ossbind-example", &error);

  if (error)
    printf("%s\n", ossbind_error_report(error));
  ossbind_error_free(error);
  ossbind_client_free(client);
  return status == OSSBIND_STATUS_OK ? 0 : status == OSSBIND_STATUS_CALLBACK_FAILED ? 2 : 1;
}
