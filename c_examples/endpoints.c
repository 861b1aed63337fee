/* Uploads by another way to the same bucket: its custom domain (CNAME), the network inside Alibaba Cloud, or
 * transfer acceleration.
 *
 *   endpoints cname DOMAIN FILE [KEY]
 *   endpoints internal|accelerate REGION FILE [KEY]
 *
 * From the environment: OSS_REGION, OSS_ACCESS_KEY_ID, OSS_ACCESS_KEY_SECRET and OSS_BUCKET. Exit
 * code: 0 stored, 1 anything else. */
#include <ossbind.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv) {
  if (argc < 4) {
    fprintf(stderr,
            "usage: endpoints cname DOMAIN FILE [KEY] | internal|accelerate REGION FILE [KEY]\n");
    return 1;
  }
  ossbind_client_config config;
  ossbind_client_config_init(&config);
  if (strcmp(argv[1], "cname") == 0) {
    config.endpoint = argv[2];
    config.flags = OSSBIND_CLIENT_CNAME;
  } else {
    config.region = argv[2]; /* and no endpoint: it is made of the region */
    config.flags =
        strcmp(argv[1], "internal") == 0 ? OSSBIND_CLIENT_INTERNAL : OSSBIND_CLIENT_ACCELERATE;
  }

  ossbind_upload_request request;
  ossbind_upload_request_init(&request);
  request.bucket = getenv("OSS_BUCKET");
  request.key = argc > 4 ? argv[4] : "ossbind-example";
  request.body = OSSBIND_BODY_KIND_FILE;
  request.file_path = argv[3];

  ossbind_error *error = NULL;
  ossbind_status status = ossbind_upload(&config, &request, NULL, &error);
  printf("%s\n", ossbind_status_name(status));
  if (error)
    fprintf(stderr, "%s\n", ossbind_error_message(error));
  ossbind_error_free(error);
  return status == OSSBIND_STATUS_OK ? 0 : 1;
}
