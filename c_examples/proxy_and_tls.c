/* Uploads through a proxy to a server whose certificate comes from an authority of your own, and with a limit on
 * bandwidth.
 *
 *   proxy_and_tls CA_FILE PROXY FILE [KEY]
 *
 * PROXY is a URL such as socks5://10.0.0.1:1080, or "" for none.
 * From the environment: OSS_ENDPOINT, OSS_REGION, OSS_ACCESS_KEY_ID, OSS_ACCESS_KEY_SECRET,
 * OSS_BUCKET and OSS_CALLBACK_URL. Exit code: 0 acknowledged, 2 stored but the callback failed,
 * 1 anything else. */
#include <ossbind.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv) {
  if (argc < 4) {
    fprintf(stderr, "usage: proxy_and_tls CA_FILE PROXY FILE [KEY]\n");
    return 1;
  }
  ossbind_tls_config tls;
  ossbind_tls_config_init(&tls);
  tls.ca_file = argv[1]; /* the only authorities that are trusted then */

  ossbind_client_config config;
  ossbind_client_config_init(&config);
  config.tls = &tls;
  config.network_proxy = argv[2];
  config.network_no_proxy = "localhost,.internal";
  config.network_rate_limit_bytes_per_s = 10 * 1024 * 1024;

  ossbind_callback callback;
  ossbind_callback_init(&callback);
  callback.url = getenv("OSS_CALLBACK_URL");
  callback.body = "object=${object}&size=${size}";

  ossbind_upload_request request;
  ossbind_upload_request_init(&request);
  request.bucket = getenv("OSS_BUCKET");
  request.key = argc > 4 ? argv[4] : "ossbind-example";
  request.body = OSSBIND_BODY_KIND_FILE;
  request.file_path = argv[3];
  request.callback = &callback;

  ossbind_error *error = NULL;
  ossbind_status status = ossbind_upload(&config, &request, NULL, &error);
  printf("%s\n", ossbind_status_name(status));
  if (error)
    fprintf(stderr, "%s\n", ossbind_error_message(error));
  ossbind_error_free(error);
  return status == OSSBIND_STATUS_OK ? 0 : status == OSSBIND_STATUS_CALLBACK_FAILED ? 2 : 1;
}
