// The callback fails as the arguments say: part of the message, and EC.
#include "check.hpp"

int main(int, char **argv) {
  ossbind::upload_request request("examplebucket", "key", ossbind::body::memory("v", 1));
  request.callback.url(std::getenv("OSS_CALLBACK_URL")).form_body("object=${object}");

  const ossbind::upload_outcome outcome = ossbind::upload(request);
  CHECK(!outcome.ok() && outcome.stored() && outcome.callback_failed());
  CHECK_EQ(outcome.object_state(), OSSBIND_OBJECT_STATE_STORED);
  CHECK_EQ(outcome.result.http_status(), 203);
  CHECK_EQ(outcome.result.etag(), "9E3669D19B675BD57058FD4664205D2A");
  CHECK_EQ(outcome.error.oss_code(), "CallbackFailed");
  CHECK_EQ(outcome.error.ec(), argv[2]);
  CHECK(outcome.error.message().find(argv[1]) != std::string::npos);
}
