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

  // An empty proxy is none, an unset one is that of the environment, which nobody has either.
  ossbind::config through_proxy = nobody();
  through_proxy.endpoint = "http://oss.invalid";
  through_proxy.proxy = nullptr;
  const ossbind::upload_outcome proxied = ossbind::upload(through_proxy, request);
  check_failed(proxied);
  CHECK(proxied.error.message().find("127.0.0.1:2") != std::string::npos);

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
