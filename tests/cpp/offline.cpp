// Without a server: nothing is stored, and trying again makes sense.
#include "check.hpp"

namespace {

void check_failed(const ossbind::upload_outcome &outcome) {
  CHECK(!outcome.ok() && !outcome.stored() && !outcome.callback_failed());
  CHECK_EQ(outcome.status, OSSBIND_STATUS_TRANSPORT);
  CHECK_EQ(outcome.object_state(), OSSBIND_OBJECT_STATE_NOT_STORED);
  CHECK(!outcome.result);
  CHECK_EQ(outcome.error.status(), OSSBIND_STATUS_TRANSPORT);
  CHECK_EQ(outcome.error.retry_advice(), OSSBIND_RETRY_ADVICE_YES);
  CHECK(outcome.error.message().find("the object is not stored") != std::string::npos);
}

} // namespace

int main() {
  const ossbind::upload_request request("examplebucket", "key", ossbind::body::empty());
  check_failed(ossbind::upload(nobody(), request));
  check_failed(ossbind::client::create(nobody()).upload(request));

  // An unset proxy is that of the environment, at which nothing listens; an empty one is none, and
  // then the name has to be resolved.
  ossbind::config config = nobody();
  config.endpoint = "http://oss.invalid";
  const auto is_refused = [&] {
    const ossbind::upload_outcome outcome = ossbind::upload(config, request);
    check_failed(outcome);
    return outcome.error.message().find("refused") != std::string::npos;
  };
  CHECK(!is_refused());
  config.proxy = ossbind::text();
  CHECK(is_refused());

#if OSSBIND_EXCEPTIONS
  try {
    ossbind::upload_or_throw(nobody(), request);
    CHECK(!"reached");
  } catch (const ossbind::exception &exception) {
    const ossbind::exception copy = exception;
    CHECK_EQ(copy.status(), OSSBIND_STATUS_TRANSPORT);
    CHECK_EQ(copy.error().message(), std::string(exception.what()));
    CHECK(!copy.result());
  }
#endif
}
