// Without a server that answers: what is known of the object, and whether to try again.
#include "check.hpp"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>

namespace {

// Takes connections and requests, and never answers.
class silent_server {
public:
  silent_server() : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address = sockaddr_in();
    socklen_t length = sizeof address;
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    sockaddr *const generic = reinterpret_cast<sockaddr *>(&address);
    CHECK(::bind(socket_, generic, length) == 0 && ::listen(socket_, 8) == 0);
    CHECK(::getsockname(socket_, generic, &length) == 0);
    endpoint = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port));
  }
  ~silent_server() { ::close(socket_); }
  silent_server(const silent_server &) = delete;
  silent_server &operator=(const silent_server &) = delete;

  std::string endpoint;

private:
  int socket_;
};

ossbind::upload_request anything() {
  return ossbind::upload_request("examplebucket", "key", ossbind::body::empty());
}

void check_not_connected(const ossbind::upload_outcome &outcome) {
  CHECK(!outcome.ok() && !outcome.stored() && !outcome.callback_failed());
  CHECK_EQ(outcome.status, OSSBIND_STATUS_TRANSPORT);
  CHECK_EQ(outcome.object_state(), OSSBIND_OBJECT_STATE_NOT_STORED);
  CHECK(!outcome.result);
  CHECK_EQ(outcome.error.status(), OSSBIND_STATUS_TRANSPORT);
  CHECK_EQ(outcome.error.advice(), OSSBIND_ADVICE_AGAIN);
  CHECK(outcome.error.message().find("the object is not stored") != std::string::npos);
}

void nobody_there() {
  check_not_connected(ossbind::upload(nobody(), anything()));
  check_not_connected(ossbind::client::create(nobody()).upload(anything()));
}

void no_answer_leaves_the_object_unknown() {
  const silent_server server;
  ossbind::config config = nobody();
  config.endpoint = server.endpoint;
  config.network_idle_timeout = std::chrono::milliseconds(100);
  const auto begin = std::chrono::steady_clock::now();
  const ossbind::upload_outcome outcome = ossbind::upload(config, anything());
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(10));
  CHECK_EQ(outcome.status, OSSBIND_STATUS_TIMEOUT);
  CHECK(!outcome.ok() && !outcome.stored() && !outcome.result);
  CHECK_EQ(outcome.object_state(), OSSBIND_OBJECT_STATE_UNKNOWN);
  CHECK_EQ(outcome.error.advice(), OSSBIND_ADVICE_LOOK);

  // An unset proxy is that of the environment, at which nothing listens.
  config.network_proxy = ossbind::text();
  check_not_connected(ossbind::upload(config, anything()));
}

#if OSSBIND_EXCEPTIONS
void thrown_on_request() {
  try {
    ossbind::upload_or_throw(nobody(), anything());
    CHECK(!"reached");
  } catch (const ossbind::upload_exception &exception) {
    const ossbind::upload_exception copy = exception;
    CHECK_EQ(copy.status(), OSSBIND_STATUS_TRANSPORT);
    CHECK_EQ(copy.error().message(), std::string(exception.what()));
    CHECK(!copy.result());
  }
}
#endif

} // namespace

int main() {
  nobody_there();
  no_answer_leaves_the_object_unknown();
#if OSSBIND_EXCEPTIONS
  thrown_on_request();
#endif
}
