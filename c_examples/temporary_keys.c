/* Uploads with temporary (STS) keys that a function of the program fetches, and fetches again before they
 * expire. Here they are the lines of a file: id, secret, token.
 *
 *   temporary_keys KEYS_FILE FILE [KEY]
 *
 * From the environment: OSS_ENDPOINT, OSS_REGION, OSS_BUCKET and OSS_CALLBACK_URL. Exit code:
 * 0 acknowledged, 2 stored but the callback failed, 1 anything else. */
#include <ossbind.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Runs on a thread of the library, one call at a time. A real one asks your server. */
static int32_t fetch_keys(void *userdata, ossbind_credentials_sink *sink) {
  char lines[3][2048];
  FILE *file = fopen(userdata, "r");
  for (int i = 0; i < 3; i++) {
    if (!file || !fgets(lines[i], sizeof lines[i], file)) {
      ossbind_credentials_sink_fail(sink, "the file of keys has no three lines");
      if (file)
        fclose(file);
      return 1;
    }
    lines[i][strcspn(lines[i], "\r\n")] = 0;
  }
  fclose(file);
  const uint32_t lifetime_s = 3600; /* counted from now, so that no clock has to be right */
  ossbind_status status =
      ossbind_credentials_sink_set(sink, lines[0], lines[1], lines[2], lifetime_s);
  memset(lines, 0, sizeof lines);
  return status;
}

int main(int argc, char **argv) {
  if (argc < 3) {
    fprintf(stderr, "usage: temporary_keys KEYS_FILE FILE [KEY]\n");
    return 1;
  }
  ossbind_credentials_config credentials;
  ossbind_credentials_config_init(&credentials);
  credentials.kind = OSSBIND_CREDENTIALS_KIND_FUNCTION;
  credentials.function = fetch_keys;
  credentials.userdata = argv[1];

  ossbind_client_config config;
  ossbind_client_config_init(&config);
  config.credentials = &credentials;

  ossbind_callback callback;
  ossbind_callback_init(&callback);
  callback.url = getenv("OSS_CALLBACK_URL");
  callback.body = "object=${object}&size=${size}";

  ossbind_upload_request request;
  ossbind_upload_request_init(&request);
  request.bucket = getenv("OSS_BUCKET");
  request.key = argc > 3 ? argv[3] : "ossbind-example";
  request.body = OSSBIND_BODY_KIND_FILE;
  request.file_path = argv[2];
  request.callback = &callback;

  ossbind_error *error = NULL;
  ossbind_status status = ossbind_upload(&config, &request, NULL, &error);
  printf("%s\n", ossbind_status_name(status));
  if (error)
    fprintf(stderr, "%s\n", ossbind_error_message(error));
  ossbind_error_free(error);
  return status == OSSBIND_STATUS_OK ? 0 : status == OSSBIND_STATUS_CALLBACK_FAILED ? 2 : 1;
}
