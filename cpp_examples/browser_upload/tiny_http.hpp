// An HTTP server for a few small pages: GET only, one request for each connection, threads of a
// fixed number, and limits on all that a client can send or delay.
#ifndef TINY_HTTP_HPP
#define TINY_HTTP_HPP

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

namespace tiny_http {

struct response {
  const char *status; // "200 OK"
  const char *type;   // Content-Type
  std::string body;
};

// Gets the path without its query. Called on several threads at once.
using handler = std::function<response(const std::string &path)>;

namespace detail {

// Browsers open connections ahead of need, and each of those keeps a thread until its time is up.
constexpr int threads = 16;
constexpr int patience_s = 5;
constexpr std::size_t max_head = 16 * 1024;

class descriptor {
public:
  explicit descriptor(int number) noexcept : number_(number) {}
  descriptor(const descriptor &) = delete;
  descriptor &operator=(const descriptor &) = delete;
  ~descriptor() {
    if (number_ >= 0)
      ::close(number_);
  }
  int get() const noexcept { return number_; }

private:
  int number_;
};

inline std::system_error failure(const std::string &what) {
  return std::system_error(errno, std::generic_category(), what);
}

// The head of a request; empty when none arrives in time, or it is too long.
inline std::string read_head(int connection) {
  using clock = std::chrono::steady_clock;
  const auto deadline = clock::now() + std::chrono::seconds(patience_s);
  std::string head;
  while (head.find("\r\n\r\n") == std::string::npos) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - clock::now()).count();
    pollfd readable = {connection, POLLIN, 0};
    char piece[2048];
    if (left <= 0 || head.size() > max_head || ::poll(&readable, 1, static_cast<int>(left)) <= 0)
      return std::string();
    const ssize_t count = ::recv(connection, piece, sizeof piece, 0);
    if (count <= 0)
      return std::string();
    head.append(piece, static_cast<std::size_t>(count));
  }
  return head;
}

inline response answer_to(const std::string &head, const handler &handle) {
  const std::string method = "GET ";
  if (head.compare(0, method.size(), method) != 0)
    return {"405 Method Not Allowed", "text/plain", "only GET\n"};
  const std::size_t end = head.find_first_of(" ?\r", method.size());
  try {
    return handle(head.substr(method.size(), end - method.size()));
  } catch (const std::exception &) {
    return {"500 Internal Server Error", "text/plain", "failed\n"};
  }
}

inline void serve(int connection, const handler &handle) {
  const timeval patience = {patience_s, 0};
  ::setsockopt(connection, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  const std::string head = read_head(connection);
  if (head.empty())
    return;
  const response answer = answer_to(head, handle);
  const std::string text = std::string("HTTP/1.1 ") + answer.status +
                           "\r\nContent-Type: " + answer.type +
                           "\r\nContent-Length: " + std::to_string(answer.body.size()) +
                           "\r\nX-Content-Type-Options: nosniff\r\nCache-Control: no-store"
                           "\r\nConnection: close\r\n\r\n" +
                           answer.body;
  for (std::size_t sent = 0; sent < text.size();) {
    const ssize_t count = ::send(connection, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
    if (count <= 0)
      return;
    sent += static_cast<std::size_t>(count);
  }
}

} // namespace detail

// Listens on 127.0.0.1, for this machine only.
class server {
public:
  // Port 0 takes any free port. Throws std::system_error.
  explicit server(std::uint16_t port) : listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int on = 1;
    ::setsockopt(listener_.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr *raw = reinterpret_cast<sockaddr *>(&address);
    socklen_t size = sizeof address;
    if (::bind(listener_.get(), raw, size) != 0 || ::listen(listener_.get(), 64) != 0 ||
        ::getsockname(listener_.get(), raw, &size) != 0)
      throw detail::failure("cannot listen on 127.0.0.1:" + std::to_string(port));
    port_ = ntohs(address.sin_port);
  }

  std::uint16_t port() const noexcept { return port_; }

  // Serves until accepting fails for good.
  void run(const handler &handle) const {
    std::vector<std::thread> workers;
    for (int i = 0; i < detail::threads; ++i)
      workers.emplace_back([this, &handle] { accept_all(handle); });
    for (std::thread &worker : workers)
      worker.join();
  }

private:
  void accept_all(const handler &handle) const {
    for (;;) {
      const detail::descriptor connection(::accept(listener_.get(), nullptr, nullptr));
      if (connection.get() >= 0)
        detail::serve(connection.get(), handle);
      else if (errno != EINTR && errno != ECONNABORTED)
        return;
    }
  }

  detail::descriptor listener_;
  std::uint16_t port_ = 0;
};

} // namespace tiny_http

#endif
