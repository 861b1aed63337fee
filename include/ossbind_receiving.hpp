/*
 * The other end of an upload callback, for C++11 and newer: the server that is called back
 * (docs/receiving.md).
 *
 *   const ossbind::verifier verifier = ossbind::verifier::create();
 *   ossbind::verdict verdict = verifier.check({"POST", target, headers, body});
 *   if (verdict.ok())
 *     note(verdict.callback.field("object"));
 *   const ossbind::reply reply(verdict.status);
 *
 * Header-only over ossbind.h, with the rules of ossbind.hpp, except that in what a stranger has sent a
 * NUL is replaced, as bytes are that are not UTF-8: no callback has any.
 */
#ifndef OSSBIND_RECEIVING_HPP
#define OSSBIND_RECEIVING_HPP

#include "ossbind.hpp"

namespace ossbind {
inline namespace v0 {
#if OSSBIND_EXCEPTIONS
inline namespace with_exceptions {
#else
inline namespace without_exceptions {
#endif

/// How a verifier is made: ossbind_verifier_config. An empty one accepts callbacks of OSS, without
/// seals.
struct verifier_config {
  /// URLs, and PEM of the keys that are behind them.
  pairs keys{};
  std::vector<text> key_urls{};
  /// Fetches keys instead of the library: gives the PEM that is behind a URL. An empty one, and an
  /// exception, say that it cannot be had. Runs on the thread that checks a callback, on several at a
  /// time for different URLs.
  std::function<std::string(const std::string &url)> fetch{};
  tls_config tls{};
  text network_proxy{};
  /// Names and secrets, each as seal_request::secret.
  pairs seal_keys{};
  std::size_t max_seals = 0;
  /// DANGEROUS: accepts what anybody can sign, with test_callback. For tests.
  bool danger_accept_test_key = false;
};

/// A request as a server received it: ossbind_received_request.
struct received_request {
  /// Nothing set.
  received_request() = default;
  /// All that it has.
  received_request(text http_method, text raw_target, pairs all_headers, std::string raw_body)
      : method(std::move(http_method)), target(std::move(raw_target)),
        headers(std::move(all_headers)), body(std::move(raw_body)) {}

  text method{};
  /// Path and query of the request line, as they came, not decoded.
  text target{};
  pairs headers{};
  /// The bytes that came, before anything parses them.
  std::string body{};
};

/// What a callback of OSS says. Move-only. An empty one answers with empty texts.
class received_callback {
public:
  /// Nothing.
  received_callback() = default;
  /// Takes over a callback of the C library; NULL is none.
  explicit received_callback(ossbind_received_callback *raw) noexcept : raw_(raw) {}

  /// Whether there is one.
  explicit operator bool() const noexcept { return static_cast<bool>(raw_); }

  /// Value of the first field of the body with this name, decoded; unset if there is none.
  text field(const std::string &name) const {
    return name.find('\0') == std::string::npos
               ? text(ossbind_received_callback_field(raw_.get(), name.c_str()))
               : text();
  }
  /// All fields, in the order of the body.
  string_pairs fields() const {
    return detail::copy(raw_.get(), &ossbind_received_callback_field_at);
  }
  /// Request id of the upload, for logs: the signature does not cover it. To count an upload once, put
  /// reqId=${reqId} into the body of the callback.
  std::string request_id() const {
    return detail::copy(ossbind_received_callback_request_id(raw_.get()));
  }

  /// The C callback, which belongs to this object; NULL without one.
  const ossbind_received_callback *c_ptr() const &noexcept { return raw_.get(); }
  const ossbind_received_callback *c_ptr() && = delete;

private:
  detail::handle<ossbind_received_callback> raw_;
};

/// Whether a request is a callback of OSS. Move-only.
struct
#if __cplusplus >= 201703L
    [[nodiscard]]
#endif
    verdict {
  /// OK, or why not, for ossbind::reply.
  ossbind::status::type status = ossbind::status::internal;
  /// What it says: there when it is ok(), and when it is replayed().
  received_callback callback;
  /// Why: there whenever the status is not OK.
  failure error;

  /// It is a callback of OSS, with a seal that is new if there have to be seals.
  bool ok() const noexcept { return status == ossbind::status::ok; }
  /// It was one, but its seal came before: do not count it again.
  bool replayed() const noexcept { return status == ossbind::status::replayed; }
};

namespace detail {

/// A request as C takes it, without NULs: what a stranger sends is no fault of the program.
class c_received_request {
public:
  explicit c_received_request(const received_request &from) {
    texts_.reserve(2 * from.headers.size() + 2); // c_str() of a short text moves with it
    headers_.reserve(from.headers.size());
    for (const std::pair<text, text> &header : from.headers) {
      const char *name = get(header.first);
      headers_.push_back(ossbind_pair{name, get(header.second)});
    }
    ossbind_received_request_init(&raw);
    raw.method = get(from.method);
    raw.target = get(from.target);
    raw.headers = headers_.data();
    raw.header_count = headers_.size();
    raw.body = reinterpret_cast<const std::uint8_t *>(from.body.data());
    raw.body_len = from.body.size();
  }
  c_received_request(const c_received_request &) = delete;
  c_received_request &operator=(const c_received_request &) = delete;

  ossbind_received_request raw;

private:
  const char *get(const text &from) {
    std::size_t nul = from.value().find('\0');
    if (nul == std::string::npos)
      return from.is_set() ? from.value().c_str() : nullptr;
    texts_.push_back(from.value());
    for (std::string &kept = texts_.back(); nul != std::string::npos; nul = kept.find('\0', nul))
      kept.replace(nul, 1, "\xEF\xBF\xBD");
    return texts_.back().c_str();
  }

  std::vector<std::string> texts_;
  std::vector<ossbind_pair> headers_;
};

} // namespace detail

/// Verifies callbacks. Any number of threads may use one verifier at the same time; a server has one,
/// for the seals that came are known to it alone. Move-only.
class verifier {
public:
  /// No verifier; its checks fail.
  verifier() = default;

  /// Makes a verifier; nothing is fetched. One that could not be made is empty, keeps the reason, and
  /// gives it from error() and from every check.
  static verifier create(const verifier_config &from = verifier_config()) {
    verifier made;
    made.error_ = made.init(from);
    return made;
  }

  /// Whether there is a verifier.
  explicit operator bool() const noexcept { return static_cast<bool>(raw_); }

  /// Why the verifier could not be made.
  failure error() const noexcept { return error_; }

  /// Whether a request is a callback of OSS. Any thread.
  verdict check(const received_request &request) const {
    verdict made;
    if (error_) {
      made.status = error_.status();
      made.error = error_;
      return made;
    }
    const detail::c_received_request c(request);
    ossbind_received_callback *callback = nullptr;
    ossbind_error *error = nullptr;
    made.status = status::type(ossbind_verifier_check(raw_.get(), &c.raw, &callback, &error));
    made.callback = received_callback(callback);
    made.error = failure(error);
    return made;
  }

  /// The C verifier, which belongs to this object; NULL without one.
  const ossbind_verifier *c_ptr() const &noexcept { return raw_.get(); }
  const ossbind_verifier *c_ptr() && = delete;

private:
  using fetch_function = std::function<std::string(const std::string &)>;

  static std::int32_t fetch(void *function, const char *url, char *buffer, std::size_t buffer_size,
                            std::size_t *out_len) noexcept {
#if OSSBIND_EXCEPTIONS
    try {
      return try_fetch(function, url, buffer, buffer_size, out_len);
    } catch (...) { // Who waits for the key learns that there is none.
      return 1;
    }
#else
    return try_fetch(function, url, buffer, buffer_size, out_len);
#endif
  }

  static std::int32_t try_fetch(void *function, const char *url, char *buffer,
                                std::size_t buffer_size, std::size_t *out_len) {
    const std::string pem = (*static_cast<fetch_function *>(function))(url);
    if (pem.empty() || pem.size() > buffer_size)
      return 1;
    std::memcpy(buffer, pem.data(), pem.size());
    *out_len = pem.size();
    return 0;
  }

  static void free_fetch(void *function) noexcept {
    delete static_cast<fetch_function *>(function);
  }

  failure init(const verifier_config &from) {
    detail::c_arguments arguments;
    ossbind_verifier_config to;
    ossbind_verifier_config_init(&to);
    arguments.set("keys", from.keys, to.keys, to.key_count);
    arguments.set("key_urls", from.key_urls, to.key_urls, to.key_url_count);
    arguments.set("seal_keys", from.seal_keys, to.seal_keys, to.seal_key_count);
    to.tls = arguments.convert(from.tls);
    to.network_proxy = arguments.get("network_proxy", from.network_proxy);
    to.max_seals = from.max_seals;
    to.flags = detail::c_arguments::flag(from.danger_accept_test_key,
                                         OSSBIND_VERIFIER_DANGER_ACCEPT_TEST_KEY);
    if (arguments.fault())
      return arguments.fault();
    if (from.fetch) { // The C library owns the copy, and frees it in any case.
      to.fetch = &verifier::fetch;
      to.userdata = new fetch_function(from.fetch);
      to.userdata_free = &verifier::free_fetch;
    }
    ossbind_verifier *raw = nullptr;
    ossbind_error *error = nullptr;
    if (ossbind_verifier_new(&to, &raw, &error) == OSSBIND_STATUS_OK)
      raw_.reset(raw);
    return failure(error);
  }

  detail::handle<ossbind_verifier> raw_;
  failure error_;
};

/// What to answer to a callback. Move-only.
class reply {
public:
  /// For what verifier::check() said. `json` goes to the uploader; without it, what happened does. A
  /// text that OSS would not take makes a reply with status 500, and error() says why.
  explicit reply(status::type verdict, const std::string &json = std::string()) {
    const std::uint8_t *body = reinterpret_cast<const std::uint8_t *>(json.data());
    ossbind_reply *raw = nullptr;
    ossbind_error *error = nullptr;
    if (ossbind_callback_reply(verdict, body, json.size(), &raw, &error) != OSSBIND_STATUS_OK) {
      error_ = failure(error);
      raw = failed();
    }
    raw_.reset(raw);
  }

  /// Why it is none that OSS takes for success, although that was asked for.
  failure error() const noexcept { return error_; }

  /// Status of the answer, such as 200.
  int http_status() const noexcept { return ossbind_reply_http_status(raw_.get()); }
  /// The body, for servers that write status and headers themselves: Content-Type: application/json,
  /// and a Content-Length.
  std::string body() const { return text_of(&ossbind_reply_body); }
  /// The whole answer: status line, headers and body.
  std::string bytes() const { return text_of(&ossbind_reply_bytes); }

private:
  static ossbind_reply *failed() noexcept {
    ossbind_reply *raw = nullptr;
    const ossbind_status status =
        ossbind_callback_reply(OSSBIND_STATUS_INTERNAL, nullptr, 0, &raw, nullptr);
    return status == OSSBIND_STATUS_OK ? raw : nullptr;
  }

  std::string text_of(const std::uint8_t *(*get)(const ossbind_reply *, std::size_t *)) const {
    std::size_t length = 0;
    const std::uint8_t *bytes = get(raw_.get(), &length);
    return bytes ? std::string(reinterpret_cast<const char *>(bytes), length) : std::string();
  }

  detail::handle<ossbind_reply> raw_;
  failure error_;
};

/// What a seal is made for: ossbind_seal_request.
struct seal_request {
  /// Nothing set.
  seal_request() = default;
  /// With the name of a secret and the secret, for an object.
  seal_request(std::pair<text, text> named_secret, text bucket_name, text object_key)
      : secret(std::move(named_secret)), bucket(std::move(bucket_name)),
        key(std::move(object_key)) {}

  std::pair<text, text> secret{};
  text bucket{};
  text key{};
  /// Borrowed for the call. NULL: the time of this device.
  const ossbind::client *client = nullptr;
  std::chrono::seconds lifetime{0};
};

/// A seal, or why there is none.
struct seal_result {
  /// For a variable "x:seal" of the callback; empty after an error.
  std::string value;
  /// Why it was not made.
  failure error;

  /// Whether it was made.
  bool ok() const noexcept { return !error; }
};

/// Makes a seal, as ossbind_seal(): the body of the callback has object=${object} and seal=${x:seal}.
inline seal_result seal(const seal_request &from) {
  seal_result made;
  detail::c_arguments arguments;
  ossbind_seal_request to;
  ossbind_seal_request_init(&to);
  to.secret.name = arguments.get("secret.name", from.secret.first);
  to.secret.value = arguments.get("secret.value", from.secret.second);
  to.bucket = arguments.get("bucket", from.bucket);
  to.key = arguments.get("key", from.key);
  to.client = from.client ? from.client->c_ptr() : nullptr;
  to.lifetime_s = detail::c_arguments::count(from.lifetime);
  made.error = arguments.fault();
  if (made.error)
    return made;
  char value[OSSBIND_SEAL_CAPACITY];
  ossbind_error *error = nullptr;
  if (ossbind_seal(&to, value, &error) == OSSBIND_STATUS_OK)
    made.value = value;
  made.error = failure(error);
  return made;
}

/// A signed callback for the tests of a server, which a verifier with danger_accept_test_key takes for
/// one of OSS: ossbind_test_callback_new().
class test_callback {
public:
  /// Signs what OSS would send to this path and query.
  test_callback(text target, std::string body,
                text content_type = "application/x-www-form-urlencoded")
      : target_(std::move(target)), body_(std::move(body)) {
    detail::c_arguments arguments;
    const char *c_target = arguments.get("target", target_);
    error_ = arguments.fault();
    if (error_)
      return;
    const std::uint8_t *bytes = reinterpret_cast<const std::uint8_t *>(body_.data());
    ossbind_test_callback *raw = nullptr;
    ossbind_error *error = nullptr;
    if (ossbind_test_callback_new(c_target, bytes, body_.size(), &raw, &error) ==
        OSSBIND_STATUS_OK) {
      const detail::handle<ossbind_test_callback> owner(raw);
      headers_ = detail::copy(raw, &ossbind_test_callback_header_at);
      headers_.emplace_back("content-type", content_type.value());
    }
    error_ = failure(error);
  }

  /// Why it was not signed.
  failure error() const noexcept { return error_; }

  /// The headers to send, with the Content-Type; none after an error. With seals it also takes
  /// x-oss-bucket.
  const string_pairs &headers() const &noexcept { return headers_; }
  string_pairs headers() && { return std::move(headers_); }

  /// The same as verifier::check() takes it.
  received_request request() const {
    return received_request("POST", target_, pairs(headers_.begin(), headers_.end()), body_);
  }

private:
  text target_;
  std::string body_;
  string_pairs headers_;
  failure error_;
};

} // namespace with_exceptions or without_exceptions
} // namespace v0
} // namespace ossbind

#endif // OSSBIND_RECEIVING_HPP
