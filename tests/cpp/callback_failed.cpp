// The object is stored, but the application server refuses: result and error are both there.
#include "check.hpp"

int main() {
  ossbind::upload_request request("examplebucket", "key", ossbind::body::memory("v", 1));
  request.callback.url(std::getenv("OSS_CALLBACK_URL")).form_body("object=${object}");

  const ossbind::upload_outcome outcome = ossbind::upload(request);
  CHECK_EQ(outcome.status, OSSBIND_STATUS_CALLBACK_FAILED);
  CHECK(!outcome.ok() && outcome.stored() && outcome.callback_failed());
  CHECK_EQ(outcome.object_state(), OSSBIND_OBJECT_STATE_STORED);

  CHECK(outcome.result);
  CHECK_EQ(outcome.result.http_status(), 203);
  CHECK_EQ(outcome.result.etag(), "9E3669D19B675BD57058FD4664205D2A");
  CHECK_EQ(outcome.result.callback_answer(), "");

  CHECK_EQ(outcome.error.object_state(), OSSBIND_OBJECT_STATE_STORED);
  CHECK_EQ(outcome.error.advice(), OSSBIND_ADVICE_DONE);
  CHECK_EQ(outcome.error.http_status(), 203);
  CHECK_EQ(outcome.error.oss_code(), "CallbackFailed");
  CHECK_EQ(outcome.error.ec(), "0007-00000203");
  CHECK_EQ(outcome.error.document_element("Message"), "Error status : 502.");

#if OSSBIND_EXCEPTIONS
  try {
    ossbind::upload_or_throw(request);
    CHECK(!"reached");
  } catch (const ossbind::upload_exception &exception) {
    CHECK_EQ(exception.status(), OSSBIND_STATUS_CALLBACK_FAILED);
    CHECK_EQ(exception.error().oss_code(), "CallbackFailed");
    CHECK_EQ(exception.result().etag(), "9E3669D19B675BD57058FD4664205D2A");
  }
#endif
}
