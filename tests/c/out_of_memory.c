/* A body of unknown length in parts of 1 GiB, with 200 MB of address space: an error, and no abort. */
#include <ossbind.h>
#include <string.h>
#include <sys/resource.h>

#include "check.h"

static int32_t read_zeros(void *userdata, uint8_t *buf, size_t cap, size_t *out_n) {
  (void)userdata;
  memset(buf, 0, cap);
  *out_n = cap;
  return 0;
}

int main(void) {
  struct rlimit limit = {200000000, 200000000};
  CHECK(setrlimit(RLIMIT_AS, &limit) == 0);

  ossbind_upload_request request;
  ossbind_upload_request_init(&request);
  request.bucket = "examplebucket";
  request.key = "endless";
  request.body = OSSBIND_BODY_KIND_READ;
  request.read = read_zeros;
  request.part_size = 1073741824;

  ossbind_error *error = NULL;
  CHECK(ossbind_upload(NULL, &request, NULL, &error) == OSSBIND_STATUS_BODY);
  CHECK(strcmp(ossbind_error_field(error), "part_size") == 0);
  CHECK(strstr(ossbind_error_message(error), "1073741824") != NULL);
  CHECK(ossbind_error_object_state(error) == OSSBIND_OBJECT_STATE_NOT_STORED);
  CHECK(ossbind_error_advice(error) == OSSBIND_ADVICE_FIX_SETTINGS);
  ossbind_error_free(error);
  return 0;
}
