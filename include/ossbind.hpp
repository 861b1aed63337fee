/*
 * ossbind for C++11 and newer: uploads to Alibaba Cloud OSS with an upload callback.
 *
 *   ossbind::upload_request request("examplebucket", "a.jpg", ossbind::body::file("/tmp/a.jpg"));
 *   request.callback.url("http://app.example.com/cb").form_body("object=${object}");
 *   const ossbind::upload_outcome outcome = ossbind::upload(request);
 *
 * Header-only over ossbind.h, whose rules for threads and fork hold here as well.
 *
 * Outcome     As in C: the status says what to do, the error says why, the result says what exists.
 * Failure     Failures of the library are values, never exceptions, except from functions whose
 *             name ends in _or_throw; those exist only where exceptions do.
 * Memory      When it runs out, this header throws std::bad_alloc; in the library, allocations
 *             whose size comes from outside fail with an error, and small ones abort the process.
 * Own code    An exception that leaves the program's reader, rewinder or progress function stops
 *             the upload, and leaves upload() with its own type.
 * Ownership   Objects own what they hold, except that body::memory() can borrow. What an accessor
 *             returns is a copy.
 * Text        UTF-8, except paths, which are bytes. A NUL inside is refused, never cut off.
 */
#ifndef OSSBIND_HPP
#define OSSBIND_HPP

#include "ossbind.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

/* 1 when functions that throw exist. Define it as 0 to do without them. */
#ifndef OSSBIND_EXCEPTIONS
#if defined(__cpp_exceptions) || defined(__EXCEPTIONS)
#define OSSBIND_EXCEPTIONS 1
#else
#define OSSBIND_EXCEPTIONS 0
#endif
#endif

#if OSSBIND_EXCEPTIONS
#include <exception>
#include <stdexcept>
#endif

namespace ossbind {
inline namespace v0 {
// Functions differ by whether they catch, so that files compiled with and without exceptions need
// functions of their own when they meet in one program.
#if OSSBIND_EXCEPTIONS
inline namespace with_exceptions {
#else
inline namespace without_exceptions {
#endif

class ObjectCallbackBuilder;
class ObjectCallbackVariableBuilder;

namespace detail {

class c_texts;
class find_call;
class signing_call;
class upload_call;

struct deleter {
  void operator()(ossbind_client *p) const noexcept { ossbind_client_free(p); }
  void operator()(ossbind_upload_result *p) const noexcept { ossbind_upload_result_free(p); }
  void operator()(ossbind_error *p) const noexcept { ossbind_error_free(p); }
  void operator()(ossbind_encoded_callback *p) const noexcept { ossbind_encoded_callback_free(p); }
  void operator()(ossbind_signed *p) const noexcept { ossbind_signed_free(p); }
  void operator()(ossbind_cancel *p) const noexcept { ossbind_cancel_free(p); }
};

template <class T> using handle = std::unique_ptr<T, deleter>;

inline std::string copy(const char *text) { return text ? std::string(text) : std::string(); }

inline ossbind_metrics copy(const ossbind_metrics *metrics) noexcept {
  return metrics ? *metrics : ossbind_metrics();
}

/// A text that C would cut short.
struct nul_found {
  std::string field;
  std::size_t offset;
};

} // namespace detail

/// What happened: OSSBIND_STATUS_*, with which they compare.
namespace status {
enum type : ossbind_status {
  ok = OSSBIND_STATUS_OK,
  invalid_argument = OSSBIND_STATUS_INVALID_ARGUMENT,
  unknown_field = OSSBIND_STATUS_UNKNOWN_FIELD,
  internal = OSSBIND_STATUS_INTERNAL,
  invalid_callback = OSSBIND_STATUS_INVALID_CALLBACK,
  credentials = OSSBIND_STATUS_CREDENTIALS,
  body = OSSBIND_STATUS_BODY,
  aborted_by_caller = OSSBIND_STATUS_ABORTED_BY_CALLER,
  cancelled = OSSBIND_STATUS_CANCELLED,
  transport = OSSBIND_STATUS_TRANSPORT,
  timeout = OSSBIND_STATUS_TIMEOUT,
  tls = OSSBIND_STATUS_TLS,
  bad_response = OSSBIND_STATUS_BAD_RESPONSE,
  service = OSSBIND_STATUS_SERVICE,
  callback_failed = OSSBIND_STATUS_CALLBACK_FAILED,
  checksum_mismatch = OSSBIND_STATUS_CHECKSUM_MISMATCH,
  not_found = OSSBIND_STATUS_NOT_FOUND
};
} // namespace status

/// Whether the object exists: OSSBIND_OBJECT_STATE_*, with which they compare.
namespace object_state {
enum type : ossbind_object_state {
  unknown = OSSBIND_OBJECT_STATE_UNKNOWN,
  not_stored = OSSBIND_OBJECT_STATE_NOT_STORED,
  stored = OSSBIND_OBJECT_STATE_STORED
};
} // namespace object_state

/// What to do with the file: OSSBIND_ADVICE_*, with which they compare. Treat a value that the
/// program does not know, from a newer library, as fix_settings.
namespace advice {
enum type : ossbind_advice {
  done = OSSBIND_ADVICE_DONE,
  again = OSSBIND_ADVICE_AGAIN,
  look = OSSBIND_ADVICE_LOOK,
  fix_request = OSSBIND_ADVICE_FIX_REQUEST,
  fix_settings = OSSBIND_ADVICE_FIX_SETTINGS
};
} // namespace advice

/// Version of the library that is loaded, for example "0.1.0". Static.
inline const char *version() noexcept { return ossbind_version(); }

/// Name of an OSSBIND_STATUS_* constant, for logs. Static, and never NULL.
inline const char *status_name(ossbind_status status) noexcept {
  return ossbind_status_name(status);
}

/// Name of an OSSBIND_OBJECT_STATE_* constant, for logs. Static, and never NULL.
inline const char *object_state_name(ossbind_object_state state) noexcept {
  return ossbind_object_state_name(state);
}

/// Name of an OSSBIND_ADVICE_* constant, for logs. Static, and never NULL.
inline const char *advice_name(ossbind_advice advice) noexcept {
  return ossbind_advice_name(advice);
}

/// A text that may be left unset, which is not the same as empty: an empty proxy means none, an
/// unset one means that of the environment. NULL is unset, so that what std::getenv() returns can
/// be assigned; where a text is required, the call then fails and names it.
class text {
public:
  /// Unset.
  text() = default;
  /// A copy of `value`, or unset when it is NULL.
  text(const char *value) : value_(detail::copy(value)), is_set_(value != nullptr) {}
  /// `value`, which may be empty.
  text(std::string value) : value_(std::move(value)), is_set_(true) {}

  /// Whether there is a text, be it empty.
  bool is_set() const noexcept { return is_set_; }
  /// The text; empty when unset. Belongs to this object, unless that is a temporary.
  const std::string &value() const &noexcept { return value_; }
  std::string value() && { return std::move(value_); }

private:
  std::string value_;
  bool is_set_ = false;
};

/// Names and values, in the order in which they are sent.
using pairs = std::vector<std::pair<text, text>>;

/// Why a call failed: what is true of the object now, and what to do. An empty one means that
/// nothing failed. Never holds a secret. Copies share what they hold.
class failure {
public:
  /// Nothing failed.
  failure() = default;
  /// Takes over an error of the C library; NULL is none.
  explicit failure(ossbind_error *raw) {
    if (raw)
      raw_.reset(raw, detail::deleter());
  }

  /// Whether there is an error.
  explicit operator bool() const noexcept { return raw_ || nul_; }

  /// What happened. ok when nothing failed.
  ossbind::status::type status() const noexcept {
    return nul_ ? status::invalid_argument : status::type(ossbind_error_status(raw_.get()));
  }
  /// Whether the object exists in spite of the error.
  ossbind::object_state::type object_state() const noexcept {
    return nul_ ? object_state::not_stored
                : object_state::type(ossbind_error_object_state(raw_.get()));
  }
  /// What to do with the file. done when nothing failed.
  ossbind::advice::type advice() const noexcept {
    return nul_ ? advice::fix_settings : advice::type(ossbind_error_advice(raw_.get()));
  }
  /// How long to wait before following the advice; zero when there is nothing to wait for.
  std::chrono::milliseconds retry_after() const noexcept {
    return std::chrono::milliseconds(nul_ ? 300000 : ossbind_error_retry_after_ms(raw_.get()));
  }
  /// One or two sentences for people, in English: field or fact, value, rule, what to do.
  std::string message() const {
    if (!nul_)
      return detail::copy(ossbind_error_message(raw_.get()));
    return nul_->field + ": has a NUL at byte " + std::to_string(nul_->offset) +
           ", and nothing behind it would be used; remove it";
  }
  /// Name of the field at fault, for example "key" or "callback.variables[1].name"; else empty.
  std::string field() const {
    return nul_ ? nul_->field : detail::copy(ossbind_error_field(raw_.get()));
  }
  /// Byte offset of the fault within the field, or SIZE_MAX when it has none.
  std::size_t offset() const noexcept {
    return nul_ ? nul_->offset : ossbind_error_offset(raw_.get());
  }
  /// HTTP status of the answer; 0 when there was none.
  int http_status() const noexcept { return ossbind_error_http_status(raw_.get()); }
  /// Error code of OSS to branch on, for example "NoSuchBucket"; empty when OSS did not answer.
  std::string oss_code() const { return detail::copy(ossbind_error_oss_code(raw_.get())); }
  /// Finer error code of OSS for diagnosis, for example "0007-00000203". Also set when the library
  /// refuses a callback for which OSS has a code; else empty.
  std::string ec() const { return detail::copy(ossbind_error_ec(raw_.get())); }
  /// Request id of OSS, for its support; empty when OSS did not answer.
  std::string request_id() const { return detail::copy(ossbind_error_request_id(raw_.get())); }
  /// Id of the multipart upload that failed; empty when there was none.
  std::string upload_id() const { return detail::copy(ossbind_error_upload_id(raw_.get())); }
  /// Not 0 when a function of the program stopped the upload.
  int caller_code() const noexcept { return ossbind_error_caller_code(raw_.get()); }
  /// Text of an element of the error document of OSS, for example "StringToSign"; empty when there
  /// is no such element.
  std::string document_element(const char *name) const {
    return detail::copy(ossbind_error_document_element(raw_.get(), name));
  }

  /// What the call took until it failed; zeros when the request was refused before it began.
  ossbind_metrics metrics() const noexcept {
    return detail::copy(ossbind_error_metrics(raw_.get()));
  }
  /// All that is known as one JSON text for a support ticket, without secrets; empty without an
  /// error of the C library.
  std::string report() const { return detail::copy(ossbind_error_report(raw_.get())); }

  /// The C error, which belongs to this object and its copies. NULL when nothing failed, and when a
  /// NUL inside a text was refused.
  const ossbind_error *c_ptr() const &noexcept { return raw_.get(); }
  const ossbind_error *c_ptr() && = delete;

private:
  friend class detail::c_texts;
  explicit failure(std::shared_ptr<const detail::nul_found> nul) noexcept : nul_(std::move(nul)) {}

  std::shared_ptr<const ossbind_error> raw_;
  std::shared_ptr<const detail::nul_found> nul_;
};

namespace detail {

/// Hands texts to C, and remembers the first one that C would cut short.
class c_texts {
public:
  const char *get(const std::string &field, const text &value) {
    const std::size_t nul = value.value().find('\0');
    if (nul != std::string::npos && !nul_)
      nul_.reset(new nul_found{field, nul});
    return value.is_set() ? value.value().c_str() : nullptr;
  }

  std::vector<ossbind_pair> get(const std::string &field, const pairs &values) {
    std::vector<ossbind_pair> result;
    result.reserve(values.size());
    for (const std::pair<text, text> &value : values) {
      const std::string element = field + "[" + std::to_string(result.size()) + "]";
      const char *name = get(element + ".name", value.first);
      result.push_back(ossbind_pair{name, get(element + ".value", value.second)});
    }
    return result;
  }

  /// The error, if any text was cut short.
  failure take_failure() noexcept { return failure(std::move(nul_)); }

private:
  std::shared_ptr<const nul_found> nul_;
};

/// A C callback, and the memory that it points to besides that of the C++ one.
struct c_callback {
  ossbind_callback raw;
  std::vector<ossbind_pair> variables;
};

} // namespace detail

/// The values of the headers x-oss-callback and x-oss-callback-var, for programs with their own
/// HTTP stack, or why there are none.
struct encoded_callback {
  /// Value of x-oss-callback; empty after an error.
  std::string header;
  /// Value of x-oss-callback-var; empty when there are no variables: do not send the header then.
  std::string variables_header;
  /// Why the callback was refused.
  ossbind::failure error;

  /// Whether the callback is sound.
  bool ok() const noexcept { return !error; }
};

/// What OSS shall tell the application server once an object is stored, and where. A default-made
/// one means no callback, until a setter is called. The setters take any text and return this
/// object; the upload, or encode(), checks everything.
class callback {
public:
  /// No callback.
  callback() = default;
  /// What a builder has.
  callback(const ObjectCallbackBuilder &builder);
  /// What a builder has, with variables. The braces in `request.callback = {builder, variables}`
  /// make it.
  callback(const ObjectCallbackBuilder &builder, const ObjectCallbackVariableBuilder &variables);

  /// A callback whose parameter is ready JSON text (not Base64), which is checked and then sent as
  /// it is. Only variable() and relaxed() go with it.
  static callback ready_json(text json) {
    callback made;
    made.parameter_ = std::move(json);
    made.is_set_ = true;
    return made;
  }

  /// Where OSS sends its POST: an http or https URL, percent-encoded, or up to 5 separated by ';'.
  callback &url(text url) {
    url_ = std::move(url);
    return set();
  }
  /// A further URL, which OSS tries when those before it do not answer. 5 in all.
  callback &fallback_url(const text &url) {
    url_ = url_.value() + ";" + url.value();
    return set();
  }
  /// Host header of the POST, when it is not the host of the URL.
  callback &host(text host) {
    host_ = std::move(host);
    return set();
  }
  /// Template of a body of the type application/x-www-form-urlencoded, for example
  /// "object=${object}&id=${x:id}": OSS percent-encodes values. Variables are listed in ossbind.h.
  callback &form_body(text body) {
    return set_body(std::move(body), OSSBIND_BODY_TYPE_URL_ENCODED);
  }
  /// Template of a body of the type application/json, for example {"object":${object}}: OSS puts
  /// quotes around text values. Written as it shall arrive, without escaping it once more.
  callback &json_body(text body) { return set_body(std::move(body), OSSBIND_BODY_TYPE_JSON); }
  /// Adds a variable: `name` begins with "x:" and is lowercase, `value` is any text.
  callback &variable(text name, text value) {
    variables_.emplace_back(std::move(name), std::move(value));
    return set();
  }
  /// Whether OSS names the host in its TLS handshake. Without this call: as soon as a URL is https.
  callback &sni(bool on) {
    sni_ = on ? OSSBIND_SNI_ON : OSSBIND_SNI_OFF;
    return set();
  }
  /// Accepts what OSS accepts but what is nearly always a mistake: unknown names in ${...}, and a
  /// JSON body that is not JSON once it is filled in.
  callback &relaxed(bool on = true) {
    relaxed_ = on;
    return set();
  }

  /// Whether there is a callback at all: a setter was called.
  bool is_set() const noexcept { return is_set_; }

  /// Checks and encodes the callback, without any upload.
  encoded_callback encode() const {
    encoded_callback result;
    detail::c_texts texts;
    const detail::c_callback c = to_c(texts);
    result.error = texts.take_failure();
    if (result.error)
      return result;
    ossbind_encoded_callback *raw = nullptr;
    ossbind_error *error = nullptr;
    const ossbind_status status = ossbind_callback_encode(&c.raw, &raw, &error);
    const detail::handle<ossbind_encoded_callback> encoded(raw);
    result.error = failure(error);
    if (status == OSSBIND_STATUS_OK) {
      result.header = detail::copy(ossbind_encoded_callback_header(raw));
      result.variables_header = detail::copy(ossbind_encoded_callback_variables_header(raw));
    }
    return result;
  }

private:
  friend class detail::signing_call;
  friend class detail::upload_call;

  callback &set() noexcept {
    is_set_ = true;
    return *this;
  }

  callback &set_body(text body, ossbind_body_type type) {
    body_ = std::move(body);
    body_type_ = type;
    return set();
  }

  /// The result points into this object, and into a vector of its own that moves with it.
  detail::c_callback to_c(detail::c_texts &texts) const {
    detail::c_callback c;
    ossbind_callback_init(&c.raw);
    c.raw.url = texts.get("callback.url", url_);
    c.raw.host = texts.get("callback.host", host_);
    c.raw.body = texts.get("callback.body", body_);
    c.raw.parameter = texts.get("callback.parameter", parameter_);
    c.variables = texts.get("callback.variables", variables_);
    c.raw.variables = c.variables.data();
    c.raw.variable_count = c.variables.size();
    c.raw.body_type = body_type_;
    c.raw.sni = sni_;
    c.raw.flags = relaxed_ ? OSSBIND_CALLBACK_RELAXED : 0;
    return c;
  }

  text url_, host_, body_, parameter_;
  pairs variables_;
  ossbind_body_type body_type_ = OSSBIND_BODY_TYPE_URL_ENCODED;
  ossbind_sni sni_ = OSSBIND_SNI_AUTOMATIC;
  bool relaxed_ = false;
  bool is_set_ = false;
};

/// Where the bytes of an object come from. Move-only. A default-made one is refused, so that a
/// forgotten body never replaces an object by an empty one.
class body {
public:
  /// Fills the beginning of `buffer`, which has `capacity` bytes (never 0), and returns how many
  /// there are. 0 ends the body, read_failed() stops the upload, and so does an exception.
  using reader = std::function<std::size_t(std::uint8_t *buffer, std::size_t capacity)>;
  /// Moves the source back to `offset`, counted from its first byte. False stops the upload, and so
  /// does an exception.
  using rewinder = std::function<bool(std::uint64_t offset)>;

  /// Nothing; refused.
  body() = default;

  /// An empty object.
  static body empty() { return memory(nullptr, 0); }

  /// `length` bytes at `data`, which are borrowed: they must live until the upload has returned.
  static body memory(const void *data, std::size_t length) {
    body made(OSSBIND_BODY_KIND_MEMORY);
    made.data_ = static_cast<const std::uint8_t *>(data);
    made.length_ = length;
    return made;
  }
  /// Bytes that are borrowed: `bytes` must live, unchanged, until the upload has returned.
  static body memory(const std::string &bytes) { return memory(bytes.data(), bytes.size()); }
  /// Bytes that the body owns from now on.
  static body memory(std::string &&bytes) {
    body made(OSSBIND_BODY_KIND_MEMORY);
    made.length_ = bytes.size();
    made.owned_.reset(new std::string(std::move(bytes)));
    return made;
  }

  /// A regular file, which is opened when the upload begins.
  static body file(text path) {
    body made(OSSBIND_BODY_KIND_FILE);
    made.path_ = std::move(path);
    return made;
  }

  /// `length` bytes that `read` gives piece by piece. An upload begins where the source stands, so
  /// a second one needs a source that was moved back. Some uploads read a body twice, which takes
  /// `rewind`. Both functions run on the thread of the upload.
  static body stream(reader read, std::uint64_t length, rewinder rewind = nullptr) {
    body made(OSSBIND_BODY_KIND_READ);
    made.read_ = std::move(read);
    made.rewind_ = std::move(rewind);
    made.stream_length_ = length;
    made.has_length_ = true;
    return made;
  }

  /// Bytes that `read` gives piece by piece until it ends. One part of them at a time is kept in
  /// memory (see upload_request::part_size).
  static body stream(reader read) {
    body made(OSSBIND_BODY_KIND_READ);
    made.read_ = std::move(read);
    return made;
  }

  /// What a reader returns to stop the upload without an exception.
  static constexpr std::size_t read_failed() noexcept { return SIZE_MAX; }

private:
  friend class detail::find_call;
  friend class detail::upload_call;
  explicit body(ossbind_body_kind kind) noexcept : kind_(kind) {}

  const std::uint8_t *data() const noexcept {
    return owned_ ? reinterpret_cast<const std::uint8_t *>(owned_->data()) : data_;
  }

  ossbind_body_kind kind_ = OSSBIND_BODY_KIND_NONE;
  /// Behind a pointer, so that a body that was moved from has lost its bytes but not their length,
  /// and is refused.
  std::unique_ptr<const std::string> owned_;
  /// Borrowed bytes; NULL when they are owned.
  const std::uint8_t *data_ = nullptr;
  std::size_t length_ = 0;
  text path_;
  reader read_;
  rewinder rewind_;
  std::uint64_t stream_length_ = 0;
  bool has_length_ = false;
};

/// Ends uploads from another thread. Copies are the same object.
class cancel_source {
public:
  /// Nothing is cancelled so far.
  cancel_source() {
    ossbind_cancel *raw = nullptr;
    if (ossbind_cancel_new(&raw) == OSSBIND_STATUS_OK)
      raw_.reset(raw, detail::deleter());
  }

  /// Ends every upload that it was given to, at once and for good. Any thread.
  void cancel() const noexcept { ossbind_cancel_trigger(raw_.get()); }

  /// The C object, which belongs to this one and its copies.
  const ossbind_cancel *c_ptr() const &noexcept { return raw_.get(); }
  const ossbind_cancel *c_ptr() && = delete;

private:
  std::shared_ptr<ossbind_cancel> raw_;
};

/// Keys that a function of the program gives.
struct given_credentials {
  /// Access key id.
  text access_key_id;
  /// Access key secret.
  text access_key_secret;
  /// Token of temporary keys; unset for permanent ones.
  text security_token;
  /// For how many seconds from now they are good. 0: for as long as OSS takes them.
  std::uint32_t lifetime_s = 0;
};

/// Which servers a client trusts, and how it proves who it is.
struct tls_config {
  /// Path of a PEM file with certificate authorities to trust. Those of ca_file, ca_dir and ca_pem
  /// together replace those of the system. All unset: those of the system.
  text ca_file;
  /// Folder with PEM files of certificate authorities to trust.
  text ca_dir;
  /// Certificate authorities to trust, as PEM text.
  text ca_pem;
  /// SHA-256 of public keys in Base64, one of which must be in the chain of the server.
  std::vector<text> pins;
  /// PEM file with the certificate of this device.
  text client_certificate_file;
  /// PEM file with its private key. Unset: in the same file.
  text client_key_file;
  /// Certificate of this device as PEM text, instead of the file.
  text client_certificate_pem;
  /// Its private key as PEM text. Unset: in the same text.
  text client_key_pem;
  /// Milliseconds for each TLS handshake. 0: 10 000.
  std::uint32_t handshake_timeout_ms = 0;
  /// DANGEROUS: accepts any certificate of a server. For tests.
  bool danger_accept_any_certificate = false;
};

/// Where the keys of a client come from, when they are not in its config.
struct credentials_config {
  /// OSSBIND_CREDENTIALS_KIND_*.
  ossbind_credentials_kind kind = OSSBIND_CREDENTIALS_KIND_DEFAULT;
  /// What the kind needs: name of the role or profile, command, or URL.
  text argument;
  /// Of a profile: path of its file.
  text file;
  /// Of the kind FUNCTION, which it sets by itself: gives keys, or returns false or throws when it
  /// has none. Runs on a thread of the library, one call at a time; must not use this client.
  std::function<bool(given_credentials &keys)> function;
};

/// How a client is made. What is left unset comes from the environment or is a default, so an empty
/// one is the environment: OSS_ENDPOINT, OSS_REGION, OSS_ACCESS_KEY_ID, OSS_ACCESS_KEY_SECRET and
/// OSS_SESSION_TOKEN.
struct config {
  /// Host of the service, with or without scheme and port. Unset: of the environment, else made of
  /// the region.
  text endpoint;
  /// "cn-hangzhou". Unset: of the environment, else told by the endpoint. Signature V4 needs it.
  text region;
  /// Access key id. Unset together with the secret: of the environment.
  text access_key_id;
  /// Access key secret. The client wipes its own copy from memory, not this one.
  text access_key_secret;
  /// Token of temporary (STS) keys; unset or empty for permanent ones.
  text security_token;
  /// Where the keys come from, when they are not in the three members above.
  ossbind::credentials_config credentials;
  /// Which servers are trusted, and how this device proves who it is.
  ossbind::tls_config tls;
  /// OSSBIND_SIGNATURE_VERSION_*; the default is V4.
  ossbind_signature_version signature_version = OSSBIND_SIGNATURE_VERSION_DEFAULT;
  /// http when the endpoint has no scheme; else https.
  bool plain_http = false;
  /// The bucket stands in the path of the URL instead of the host name.
  bool path_style = false;
  /// The endpoint is a custom domain bound to the bucket.
  bool cname = false;
  /// With a region and no endpoint: the network inside Alibaba Cloud.
  bool internal = false;
  /// With a region and no endpoint: IPv4 and IPv6.
  bool dual_stack = false;
  /// With a region and no endpoint: transfer acceleration.
  bool accelerate = false;
  /// Do not compare CRC-64 values after an upload.
  bool no_crc64 = false;
  /// No keys and no endpoint: the client can upload to what was signed elsewhere.
  bool no_keys = false;
  /// Added to the User-Agent header.
  text user_agent;
  /// "scheme://[user:password@]host[:port]" with http, https, socks5 or socks5h. Unset: of the
  /// environment. Empty: no proxy.
  text network_proxy;
  /// Hosts that are reached without the proxy, as in NO_PROXY.
  text network_no_proxy;
  /// IP address or network interface that connections leave from.
  text network_source;
  /// Connections slower than this are given up. 0: no lower limit.
  std::uint64_t network_low_speed_bytes_per_s = 0;
  /// Upper limit of all uploads together, in bytes per second. 0: none.
  std::uint64_t network_rate_limit_bytes_per_s = 0;
  /// Milliseconds for DNS, again for TCP, and again for the handshake with a proxy. 0: 10 000.
  std::uint32_t network_connect_timeout_ms = 0;
  /// Longest time in milliseconds in which no byte moves. 0: 20 000; do not go below 10 000, since
  /// OSS may spend 5 000 on the callback.
  std::uint32_t network_idle_timeout_ms = 0;
  /// How long in milliseconds an idle connection is kept for the next upload. 0: 15 000.
  std::uint32_t network_keep_alive_ms = 0;
  /// TCP_USER_TIMEOUT in milliseconds. 0: that of the system.
  std::uint32_t network_tcp_user_timeout_ms = 0;
  /// Time in milliseconds over which the speed is measured. 0: 30 000.
  std::uint32_t network_low_speed_window_ms = 0;
  /// How often a request is sent at most, as long as the client has retries left: ten, and one more
  /// for five successes or ten minutes. 0: 3.
  std::uint32_t retry_attempts = 0;
  /// Half of the longest wait in milliseconds before the second attempt. 0: 200.
  std::uint32_t retry_base_ms = 0;
  /// Longest wait in milliseconds before any attempt. 0: 20 000.
  std::uint32_t retry_max_ms = 0;
  /// How far in seconds OSS may correct the clock of this device. 0: 10 years.
  std::uint32_t clock_limit_s = 0;
  /// Go on signing with the clock of this device when OSS says that it is wrong.
  bool keep_clock = false;
  /// Gets messages of the client, one line each. Runs on any thread that uses the client, on several
  /// at the same time too, and must not call the library; its exceptions are dropped.
  std::function<void(ossbind_log_level level, const std::string &message)> log;
  /// OSSBIND_LOG_LEVEL_*: the messages that `log` gets; the default is INFO.
  ossbind_log_level log_level = OSSBIND_LOG_LEVEL_DEFAULT;
};

/// One upload. A body is required, and bucket and key, or what was signed elsewhere: a bundle or a
/// URL. Move-only.
struct upload_request {
  /// Nothing set.
  upload_request() = default;
  /// To an object, signed with the keys of the client.
  upload_request(text bucket_name, text object_key, ossbind::body content)
      : bucket(std::move(bucket_name)), key(std::move(object_key)), body(std::move(content)) {}
  /// To what signed_result::bundle is; needs no keys.
  static upload_request to_bundle(text signed_elsewhere, ossbind::body content) {
    upload_request made;
    made.bundle = std::move(signed_elsewhere);
    made.body = std::move(content);
    return made;
  }
  /// To a URL that was signed elsewhere; needs no keys.
  static upload_request to_url(text signed_elsewhere, ossbind::body content) {
    upload_request made;
    made.url = std::move(signed_elsewhere);
    made.body = std::move(content);
    return made;
  }

  /// Name of the bucket.
  text bucket;
  /// Name of the object: 1 to 1023 bytes, not beginning with a slash.
  text key;
  /// JSON text that was signed elsewhere; instead of bucket and key, and of all that says what the
  /// object will be. `key` goes with it when it is a form that leaves the name to its user.
  text bundle;
  /// URL that was signed elsewhere for a PUT, with exactly the content_type, metadata, x-oss-*
  /// headers and callback that are set here; or, with form_fields, the URL of a form.
  text url;
  /// Fields of a form that was signed elsewhere, in their order; `file` follows by itself.
  pairs form_fields;
  /// Send a form (PostObject) to bucket and key instead of a PUT.
  bool form = false;
  /// The bytes of the object.
  ossbind::body body;
  /// What OSS shall tell the application server; nothing unless it is set.
  ossbind::callback callback;
  /// Content-Type. Unset: from the extension of the key, else application/octet-stream.
  text content_type;
  /// User metadata: names of letters, digits and '-', without "x-oss-meta-"; 8 KB in all.
  pairs metadata;
  /// Further headers, for example Cache-Control or x-oss-tagging.
  pairs headers;
  /// Standard, IA, Archive, ColdArchive, DeepColdArchive. Unset: that of the bucket.
  text storage_class;
  /// default, private, public-read, public-read-write. Unset: that of the bucket.
  text acl;
  /// Content-MD5 that is known already: Base64 of the 16 bytes. OSS compares it before it stores.
  text content_md5;
  /// Compute the Content-MD5 instead. Reads the body twice; a stream needs its rewinder.
  bool compute_content_md5 = false;
  /// Fail with FileAlreadyExists when the object exists.
  bool forbid_overwrite = false;
  /// The key belongs to this content alone, so that an upload whose outcome is unknown can simply be
  /// repeated (OSSBIND_UPLOAD_ONCE).
  bool once = false;
  /// Larger bodies than this are uploaded in parts. 0: 64 MiB.
  std::uint64_t multipart_threshold = 0;
  /// Size of a part: 100 KiB to 5 GiB. 0: 6 MiB. Grows by itself to keep to 10 000 parts.
  std::uint64_t part_size = 0;
  /// Parts on their way at the same time: 1 to 64. 0: 3. Streams go one part after the other.
  std::uint32_t parallel = 0;
  /// Folder for a checkpoint, with which a file that goes in parts goes on where it was interrupted,
  /// also after a power cut. Unset: an upload that fails is aborted.
  text checkpoint_dir;
  /// Ends the upload from another thread. NULL: nothing does. Borrowed for the call.
  const cancel_source *cancel = nullptr;
  /// Milliseconds for the whole call, with all its waits and attempts. 0: no limit.
  std::uint32_t timeout_ms = 0;
  /// What OSS itself limits the upload to, in bits per second: 819 200 to 838 860 800. 0: no limit.
  std::uint64_t traffic_limit_bits_per_s = 0;
  /// Bytes per second that the upload sends at most. 0: no limit.
  std::uint64_t rate_limit_bytes_per_s = 0;
  /// Is told how far the upload is; false stops it. Runs on the thread of the upload.
  std::function<bool(const ossbind_progress &)> progress;
};

/// A question for an object: that of an upload whose outcome is unknown. All but the last three members
/// are required.
struct find_request {
  /// Nothing set.
  find_request() = default;
  /// For an upload that has just failed.
  find_request(text bucket_name, text object_key, ossbind::body content)
      : bucket(std::move(bucket_name)), key(std::move(object_key)), body(std::move(content)) {}

  /// That of the upload.
  text bucket;
  /// That of the upload.
  text key;
  /// That of the upload, of memory or of a file.
  ossbind::body body;
  /// Milliseconds since the upload failed.
  std::uint32_t doubt_age_ms = 0;
  /// Ends the call from another thread. NULL: nothing does. Borrowed for the call.
  const cancel_source *cancel = nullptr;
  /// Milliseconds for the whole call, with all its waits and attempts. 0: no limit.
  std::uint32_t timeout_ms = 0;
};

/// A URL to be signed. Bucket and key are required.
struct sign_url_request {
  /// Name of the bucket.
  text bucket;
  /// Name of the object.
  text key;
  /// OSSBIND_OPERATION_*: what the URL is good for.
  ossbind_operation operation = OSSBIND_OPERATION_PUT_OBJECT;
  /// Seconds for which it is valid. 0: 900. With signature V4 at most 604 800 (7 days).
  std::uint32_t expires_in_s = 0;
  /// Of a part: 1 to 10 000.
  std::uint32_t part_number = 0;
  /// Of a multipart upload that was initiated.
  text upload_id;
  /// Content-Type that will be sent. Unset: none may be sent.
  text content_type;
  /// Content-MD5 that will be sent. Unset: none may be sent.
  text content_md5;
  /// User metadata that will be sent.
  pairs metadata;
  /// Further headers that will be sent.
  pairs headers;
  /// Further query parameters, for example versionId.
  pairs query;
  /// Storage class that will be sent.
  text storage_class;
  /// ACL that will be sent.
  text acl;
  /// What OSS shall tell the application server; nothing unless it is set.
  ossbind::callback callback;
  /// The callback travels in headers that must be sent, and not in the URL.
  bool callback_in_headers = false;
  /// The URL fails when the object exists.
  bool forbid_overwrite = false;
};

/// A request to be signed for the program's own HTTP stack. The method is required.
struct sign_headers_request {
  /// HTTP method in uppercase letters.
  text method;
  /// Name of the bucket. Unset for requests to the service.
  text bucket;
  /// Name of the object. Unset for requests to the bucket.
  text key;
  /// Query parameters, not encoded; with an empty value only the name is sent.
  pairs query;
  /// Headers that will be sent: Content-Type, Content-MD5 and x-oss-* are signed.
  pairs headers;
};

/// What a form may upload. The bucket is required, and key or key_prefix.
struct sign_form_request {
  /// Name of the bucket.
  text bucket;
  /// The one name that the object may have; "${filename}" in it is the name of the file.
  text key;
  /// Instead: what the name must begin with. Empty allows every name.
  text key_prefix;
  /// Seconds for which the form is valid. 0: 900. With signature V4 at most 604 800 (7 days).
  std::uint32_t expires_in_s = 0;
  /// Smallest size of the file in bytes.
  std::uint64_t min_size = 0;
  /// Largest size of the file in bytes. 0: 5 GiB.
  std::uint64_t max_size = 0;
  /// Types that the object may have, or a single one that ends with '*'.
  std::vector<text> content_types;
  /// What OSS shall tell the application server, which the sender of the form cannot change;
  /// nothing unless it is set.
  ossbind::callback callback;
  /// Further fields, which the sender of the form cannot change.
  pairs fields;
  /// Further conditions: a JSON array.
  text conditions;
  /// The form fails when the object exists.
  bool forbid_overwrite = false;
};

/// What was signed and not sent, or why there is nothing. Whoever has it can send it until it
/// expires, so treat it as a secret.
struct signed_result {
  /// HTTP method; "POST" for a form.
  std::string method;
  /// URL to send it to, percent-encoded.
  std::string url;
  /// Of sign_url() and sign_headers(): names (lowercase) and values of the headers that must be sent
  /// exactly so; besides them no Content-Type, Content-MD5 or x-oss-* header may be sent. Of
  /// sign_form(): the fields, in the order in which they are sent as multipart/form-data, with
  /// `file` as the last one.
  std::vector<std::pair<std::string, std::string>> pairs;
  /// Time until which OSS accepts it, in seconds since 1970.
  std::uint64_t expires_at = 0;
  /// All of it as JSON text for a browser or a device, where upload_request::to_bundle() takes it.
  /// Empty for what client::sign_headers() signed, which is to be sent at once.
  std::string bundle;
  /// Why nothing was signed.
  ossbind::failure error;

  /// Whether it was signed.
  bool ok() const noexcept { return !error; }
};

/// What OSS said of the stored object. Move-only. An empty one, which answers with empty texts,
/// means that no object is known to be stored.
class upload_result {
public:
  /// No result.
  upload_result() = default;
  /// Takes over a result of the C library; NULL is no result.
  explicit upload_result(ossbind_upload_result *raw) noexcept : raw_(raw) {}

  /// Whether there is a result.
  explicit operator bool() const noexcept { return static_cast<bool>(raw_); }

  /// HTTP status: 200, or 203 when the callback failed. 0 without a result.
  int http_status() const noexcept { return ossbind_upload_result_http_status(raw_.get()); }
  /// ETag without quotes; empty when absent, which it may be after a failed callback.
  std::string etag() const { return detail::copy(ossbind_upload_result_etag(raw_.get())); }
  /// Version id of the object in a versioned bucket; else empty.
  std::string version_id() const {
    return detail::copy(ossbind_upload_result_version_id(raw_.get()));
  }
  /// Request id of OSS, for its support; empty when absent.
  std::string request_id() const {
    return detail::copy(ossbind_upload_result_request_id(raw_.get()));
  }
  /// CRC-64 that OSS computed of the whole object. False, and `value` untouched, when it is absent.
  bool crc64(std::uint64_t &value) const noexcept {
    return ossbind_upload_result_crc64(raw_.get(), &value) != 0;
  }
  /// What the application server answered to the callback, byte for byte; empty when there was no
  /// callback or it failed.
  std::string callback_answer() const {
    std::size_t length = 0;
    const std::uint8_t *answer = ossbind_upload_result_callback_answer(raw_.get(), &length);
    return answer ? std::string(reinterpret_cast<const char *>(answer), length) : std::string();
  }
  /// Value of a header of the answer; the case of `name` does not matter. Empty when absent.
  std::string header(const char *name) const {
    return detail::copy(ossbind_upload_result_header(raw_.get(), name));
  }

  /// What the call took; zeros without a result.
  ossbind_metrics metrics() const noexcept {
    return detail::copy(ossbind_upload_result_metrics(raw_.get()));
  }

  /// The C result, which belongs to this object; NULL without a result.
  const ossbind_upload_result *c_ptr() const &noexcept { return raw_.get(); }
  const ossbind_upload_result *c_ptr() && = delete;

private:
  detail::handle<ossbind_upload_result> raw_;
};

/// How an upload ended. A failed callback has both a result and an error. Move-only.
struct
#if __cplusplus >= 201703L
    [[nodiscard]]
#endif
    upload_outcome {
  /// What happened.
  ossbind::status::type status = ossbind::status::internal;
  /// What exists: there whenever the object is surely stored.
  upload_result result;
  /// Why: there whenever the status is not OK.
  ossbind::failure error;

  /// The object is stored, and its callback, if any, was acknowledged.
  bool ok() const noexcept { return status == ossbind::status::ok; }
  /// The object is surely stored, whatever became of its callback.
  bool stored() const noexcept { return object_state() == object_state::stored; }
  /// The object is stored, but its callback failed. Do not upload again: that would call again.
  bool callback_failed() const noexcept { return status == ossbind::status::callback_failed; }
  /// Whether the object exists.
  ossbind::object_state::type object_state() const noexcept {
    return ok() ? object_state::stored : error.object_state();
  }
};

#if OSSBIND_EXCEPTIONS
/// What the functions throw whose name ends in _or_throw. Copies share one outcome.
class upload_exception : public std::runtime_error {
public:
  /// Takes over the outcome of a call that failed.
  explicit upload_exception(upload_outcome outcome)
      : std::runtime_error(outcome.error.message()),
        outcome_(std::make_shared<const upload_outcome>(std::move(outcome))) {}

  /// What happened.
  ossbind::status::type status() const noexcept { return outcome_->status; }
  /// Why.
  failure error() const noexcept { return outcome_->error; }
  /// What exists all the same, for example after a failed callback. Belongs to the exception and
  /// its copies.
  const upload_result &result() const &noexcept { return outcome_->result; }
  const upload_result &result() && = delete;

private:
  std::shared_ptr<const upload_outcome> outcome_;
};
#endif

namespace detail {

/// A config as C takes it, with its groups.
class c_config {
public:
  c_config(const config &from, c_texts &texts) {
    ossbind_client_config_init(&raw);
    set_tls(from.tls, texts);
    set_credentials(from.credentials, texts);
    raw.endpoint = texts.get("endpoint", from.endpoint);
    raw.region = texts.get("region", from.region);
    raw.access_key_id = texts.get("access_key_id", from.access_key_id);
    raw.access_key_secret = texts.get("access_key_secret", from.access_key_secret);
    raw.security_token = texts.get("security_token", from.security_token);
    raw.signature_version = from.signature_version;
    raw.flags =
        flag(from.plain_http, OSSBIND_CLIENT_PLAIN_HTTP) |
        flag(from.path_style, OSSBIND_CLIENT_PATH_STYLE) | flag(from.cname, OSSBIND_CLIENT_CNAME) |
        flag(from.internal, OSSBIND_CLIENT_INTERNAL) |
        flag(from.dual_stack, OSSBIND_CLIENT_DUAL_STACK) |
        flag(from.accelerate, OSSBIND_CLIENT_ACCELERATE) |
        flag(from.no_crc64, OSSBIND_CLIENT_NO_CRC64) | flag(from.no_keys, OSSBIND_CLIENT_NO_KEYS) |
        flag(from.keep_clock, OSSBIND_CLIENT_KEEP_CLOCK);
    raw.user_agent = texts.get("user_agent", from.user_agent);
    raw.network_proxy = texts.get("network_proxy", from.network_proxy);
    raw.network_no_proxy = texts.get("network_no_proxy", from.network_no_proxy);
    raw.network_source = texts.get("network_source", from.network_source);
    raw.network_low_speed_bytes_per_s = from.network_low_speed_bytes_per_s;
    raw.network_rate_limit_bytes_per_s = from.network_rate_limit_bytes_per_s;
    raw.network_connect_timeout_ms = from.network_connect_timeout_ms;
    raw.network_idle_timeout_ms = from.network_idle_timeout_ms;
    raw.network_keep_alive_ms = from.network_keep_alive_ms;
    raw.network_tcp_user_timeout_ms = from.network_tcp_user_timeout_ms;
    raw.network_low_speed_window_ms = from.network_low_speed_window_ms;
    raw.retry_attempts = from.retry_attempts;
    raw.retry_base_ms = from.retry_base_ms;
    raw.retry_max_ms = from.retry_max_ms;
    raw.clock_limit_s = from.clock_limit_s;
    raw.log_level = from.log_level;
  }
  c_config(const c_config &) = delete;
  c_config &operator=(const c_config &) = delete;

  ossbind_client_config raw;
  ossbind_credentials_config credentials;

private:
  static std::uint32_t flag(bool on, std::uint32_t bit) { return on ? bit : 0u; }

  void set_tls(const tls_config &from, c_texts &texts) {
    ossbind_tls_config_init(&tls_);
    tls_.ca_file = texts.get("tls.ca_file", from.ca_file);
    tls_.ca_dir = texts.get("tls.ca_dir", from.ca_dir);
    tls_.ca_pem = texts.get("tls.ca_pem", from.ca_pem);
    for (const text &pin : from.pins)
      pins_.push_back(texts.get("tls.pins[" + std::to_string(pins_.size()) + "]", pin));
    tls_.pins = pins_.empty() ? nullptr : pins_.data();
    tls_.pin_count = pins_.size();
    tls_.client_certificate_file =
        texts.get("tls.client_certificate_file", from.client_certificate_file);
    tls_.client_key_file = texts.get("tls.client_key_file", from.client_key_file);
    tls_.client_certificate_pem =
        texts.get("tls.client_certificate_pem", from.client_certificate_pem);
    tls_.client_key_pem = texts.get("tls.client_key_pem", from.client_key_pem);
    tls_.handshake_timeout_ms = from.handshake_timeout_ms;
    tls_.flags =
        flag(from.danger_accept_any_certificate, OSSBIND_TLS_DANGER_ACCEPT_ANY_CERTIFICATE);
    raw.tls = &tls_;
  }

  void set_credentials(const credentials_config &from, c_texts &texts) {
    ossbind_credentials_config_init(&credentials);
    credentials.kind = from.function ? OSSBIND_CREDENTIALS_KIND_FUNCTION : from.kind;
    credentials.argument = texts.get("credentials.argument", from.argument);
    credentials.file = texts.get("credentials.file", from.file);
    raw.credentials = &credentials;
  }

  ossbind_tls_config tls_;
  std::vector<const char *> pins_;
};

inline upload_outcome refused(failure error) {
  upload_outcome outcome;
  outcome.status = error.status();
  outcome.error = std::move(error);
  return outcome;
}

/// One call of the C library: the request as C takes it, and the functions that C calls.
class upload_call {
public:
  explicit upload_call(const upload_request &request)
      : request_(request), callback_(request.callback.to_c(texts_)),
        metadata_(texts_.get("metadata", request.metadata)),
        headers_(texts_.get("headers", request.headers)),
        form_fields_(texts_.get("form_fields", request.form_fields)) {
    ossbind_upload_request_init(&raw_);
    set_texts();
    set_body();
    set_lists();
  }
  upload_call(const upload_call &) = delete;
  upload_call &operator=(const upload_call &) = delete;

  /// `function` is an upload function of the C library but for its first argument.
  template <class Function> upload_outcome run(Function function) {
    failure nul = texts_.take_failure();
    if (nul)
      return refused(std::move(nul));
    ossbind_upload_result *result = nullptr;
    ossbind_error *error = nullptr;
    upload_outcome outcome;
    outcome.status = status::type(function(&raw_, &result, &error));
    outcome.result = upload_result(result);
    outcome.error = failure(error);
    rethrow();
    return outcome;
  }

private:
  void set_texts() {
    raw_.bucket = texts_.get("bucket", request_.bucket);
    raw_.key = texts_.get("key", request_.key);
    raw_.bundle = texts_.get("bundle", request_.bundle);
    raw_.url = texts_.get("url", request_.url);
    raw_.content_type = texts_.get("content_type", request_.content_type);
    raw_.storage_class = texts_.get("storage_class", request_.storage_class);
    raw_.acl = texts_.get("acl", request_.acl);
    raw_.content_md5 = texts_.get("content_md5", request_.content_md5);
    if (request_.compute_content_md5)
      raw_.flags |= OSSBIND_UPLOAD_CONTENT_MD5;
    if (request_.forbid_overwrite)
      raw_.flags |= OSSBIND_UPLOAD_FORBID_OVERWRITE;
    if (request_.once)
      raw_.flags |= OSSBIND_UPLOAD_ONCE;
    if (request_.form)
      raw_.flags |= OSSBIND_UPLOAD_FORM;
  }

  void set_body() {
    const ossbind::body &from = request_.body;
    raw_.body = from.kind_;
    raw_.data = from.length_ ? from.data() : nullptr; // C takes no data of no length
    raw_.data_len = from.length_;
    raw_.file_path = texts_.get("file_path", from.path_);
    raw_.read = from.read_ ? &upload_call::read : nullptr;
    raw_.rewind = from.rewind_ ? &upload_call::rewind : nullptr;
    raw_.body_userdata = this;
    if (from.has_length_) {
      raw_.content_length = from.stream_length_;
      raw_.flags |= OSSBIND_UPLOAD_HAS_CONTENT_LENGTH;
    }
  }

  void set_lists() {
    raw_.metadata = metadata_.data();
    raw_.metadata_count = metadata_.size();
    raw_.headers = headers_.data();
    raw_.header_count = headers_.size();
    raw_.form_fields = form_fields_.empty() ? nullptr : form_fields_.data();
    raw_.form_field_count = form_fields_.size();
    raw_.callback = request_.callback.is_set() ? &callback_.raw : nullptr;
    raw_.progress = request_.progress ? &upload_call::progress : nullptr;
    raw_.progress_userdata = this;
    raw_.multipart_threshold = request_.multipart_threshold;
    raw_.part_size = request_.part_size;
    raw_.parallel = request_.parallel;
    raw_.cancel = request_.cancel ? request_.cancel->c_ptr() : nullptr;
    raw_.timeout_ms = request_.timeout_ms;
    raw_.traffic_limit_bits_per_s = request_.traffic_limit_bits_per_s;
    raw_.rate_limit_bytes_per_s = request_.rate_limit_bytes_per_s;
    raw_.checkpoint_dir = texts_.get("checkpoint_dir", request_.checkpoint_dir);
  }

  static std::int32_t read(void *self, std::uint8_t *buffer, std::size_t capacity,
                           std::size_t *count) noexcept {
    return static_cast<upload_call *>(self)->guard([&](const upload_request &request) {
      const std::size_t read = request.body.read_(buffer, capacity);
      if (read == ossbind::body::read_failed())
        return false;
      *count = read;
      return true;
    });
  }

  static std::int32_t rewind(void *self, std::uint64_t offset) noexcept {
    return static_cast<upload_call *>(self)->guard(
        [&](const upload_request &request) { return request.body.rewind_(offset); });
  }

  static std::int32_t progress(void *self, const ossbind_progress *so_far) noexcept {
    return static_cast<upload_call *>(self)->guard(
        [&](const upload_request &request) { return request.progress(*so_far); });
  }

  /// Calls a function of the program. Its exceptions must not reach the frames of the library, so
  /// they are kept for rethrow().
  template <class Function> std::int32_t guard(Function function) noexcept {
#if OSSBIND_EXCEPTIONS
    try {
      return function(request_) ? 0 : 1;
    } catch (...) {
      thrown_ = std::current_exception();
      return 1;
    }
#else
    return function(request_) ? 0 : 1;
#endif
  }

  void rethrow() {
#if OSSBIND_EXCEPTIONS
    if (thrown_)
      std::rethrow_exception(thrown_);
#endif
  }

  const upload_request &request_;
  c_texts texts_;
  c_callback callback_;
  std::vector<ossbind_pair> metadata_;
  std::vector<ossbind_pair> headers_;
  std::vector<ossbind_pair> form_fields_;
  ossbind_upload_request raw_;
#if OSSBIND_EXCEPTIONS
  std::exception_ptr thrown_;
#endif
};

/// A question for an object.
class find_call {
public:
  static upload_outcome run(const ossbind_client *client, const find_request &from) {
    c_texts texts;
    ossbind_find_request c;
    ossbind_find_request_init(&c);
    c.bucket = texts.get("bucket", from.bucket);
    c.key = texts.get("key", from.key);
    c.body = from.body.kind_;
    c.data = from.body.length_ ? from.body.data() : nullptr; // C takes no data of no length
    c.data_len = from.body.length_;
    c.file_path = texts.get("file_path", from.body.path_);
    c.doubt_age_ms = from.doubt_age_ms;
    c.cancel = from.cancel ? from.cancel->c_ptr() : nullptr;
    c.timeout_ms = from.timeout_ms;
    failure nul = texts.take_failure();
    if (nul)
      return refused(std::move(nul));
    ossbind_upload_result *result = nullptr;
    ossbind_error *error = nullptr;
    upload_outcome outcome;
    outcome.status = status::type(ossbind_client_find(client, &c, &result, &error));
    outcome.result = upload_result(result);
    outcome.error = failure(error);
    return outcome;
  }
};

/// Calls of the C library that sign and do not send.
class signing_call {
public:
  explicit signing_call(const ossbind_client *client) noexcept : client_(client) {}

  signed_result run(const sign_url_request &from) {
    const c_callback callback = from.callback.to_c(texts_);
    const std::vector<ossbind_pair> metadata = texts_.get("metadata", from.metadata);
    const std::vector<ossbind_pair> headers = texts_.get("headers", from.headers);
    const std::vector<ossbind_pair> query = texts_.get("query", from.query);
    ossbind_sign_url_request c;
    ossbind_sign_url_request_init(&c);
    c.bucket = texts_.get("bucket", from.bucket);
    c.key = texts_.get("key", from.key);
    c.operation = from.operation;
    c.flags = (from.callback_in_headers ? OSSBIND_SIGN_URL_CALLBACK_IN_HEADERS : 0u) |
              (from.forbid_overwrite ? OSSBIND_SIGN_URL_FORBID_OVERWRITE : 0u);
    c.expires_in_s = from.expires_in_s;
    c.part_number = from.part_number;
    c.upload_id = texts_.get("upload_id", from.upload_id);
    c.content_type = texts_.get("content_type", from.content_type);
    c.content_md5 = texts_.get("content_md5", from.content_md5);
    c.metadata = metadata.data();
    c.metadata_count = metadata.size();
    c.headers = headers.data();
    c.header_count = headers.size();
    c.query = query.data();
    c.query_count = query.size();
    c.storage_class = texts_.get("storage_class", from.storage_class);
    c.acl = texts_.get("acl", from.acl);
    c.callback = from.callback.is_set() ? &callback.raw : nullptr;
    return signed_by([&](ossbind_signed **signed_, ossbind_error **error) {
      return ossbind_client_sign_url(client_, &c, signed_, error);
    });
  }

  signed_result run(const sign_headers_request &from) {
    const std::vector<ossbind_pair> query = texts_.get("query", from.query);
    const std::vector<ossbind_pair> headers = texts_.get("headers", from.headers);
    ossbind_sign_headers_request c;
    ossbind_sign_headers_request_init(&c);
    c.method = texts_.get("method", from.method);
    c.bucket = texts_.get("bucket", from.bucket);
    c.key = texts_.get("key", from.key);
    c.query = query.data();
    c.query_count = query.size();
    c.headers = headers.data();
    c.header_count = headers.size();
    return signed_by([&](ossbind_signed **signed_, ossbind_error **error) {
      return ossbind_client_sign_headers(client_, &c, signed_, error);
    });
  }

  signed_result run(const sign_form_request &from) {
    const c_callback callback = from.callback.to_c(texts_);
    const std::vector<ossbind_pair> fields = texts_.get("fields", from.fields);
    std::vector<const char *> types;
    for (const text &type : from.content_types)
      types.push_back(texts_.get("content_types[" + std::to_string(types.size()) + "]", type));
    ossbind_sign_form_request c;
    ossbind_sign_form_request_init(&c);
    c.bucket = texts_.get("bucket", from.bucket);
    c.key = texts_.get("key", from.key);
    c.key_prefix = texts_.get("key_prefix", from.key_prefix);
    c.expires_in_s = from.expires_in_s;
    c.flags = from.forbid_overwrite ? OSSBIND_SIGN_FORM_FORBID_OVERWRITE : 0u;
    c.min_size = from.min_size;
    c.max_size = from.max_size;
    c.content_types = types.data();
    c.content_type_count = types.size();
    c.callback = from.callback.is_set() ? &callback.raw : nullptr;
    c.fields = fields.data();
    c.field_count = fields.size();
    c.conditions = texts_.get("conditions", from.conditions);
    return signed_by([&](ossbind_signed **signed_, ossbind_error **error) {
      return ossbind_client_sign_form(client_, &c, signed_, error);
    });
  }

private:
  template <class Function> signed_result signed_by(Function function) {
    signed_result made;
    made.error = texts_.take_failure();
    if (made.error)
      return made;
    ossbind_signed *raw = nullptr;
    ossbind_error *error = nullptr;
    const ossbind_status status = function(&raw, &error);
    const handle<ossbind_signed> owner(raw);
    made.error = failure(error);
    if (status != OSSBIND_STATUS_OK)
      return made;
    made.method = copy(ossbind_signed_method(raw));
    made.url = copy(ossbind_signed_url(raw));
    const char *name = nullptr;
    const char *value = nullptr;
    for (std::size_t i = 0; ossbind_signed_pair_at(raw, i, &name, &value); ++i)
      made.pairs.emplace_back(name, value);
    made.expires_at = ossbind_signed_expires_at(raw);
    made.bundle = copy(ossbind_signed_bundle(raw));
    return made;
  }

  const ossbind_client *client_;
  c_texts texts_;
};

#if OSSBIND_EXCEPTIONS
inline upload_result result_or_throw(upload_outcome outcome) {
  if (!outcome.ok())
    throw upload_exception(std::move(outcome));
  return std::move(outcome.result);
}
#endif

} // namespace detail

/// A client: endpoint, credentials and a few connections that are kept for the next upload. Any
/// number of threads may upload with one client at the same time. Move-only.
class client {
public:
  /// No client; its uploads are refused.
  client() = default;

  /// Makes a client; nothing is sent. One that could not be made is empty, keeps the reason, and
  /// gives it from error() and from every call.
  static client create(const config &from) {
    client made;
    made.error_ = made.init(from);
    return made;
  }

  /// Makes a client from the environment, as create() does with an empty config.
  static client from_environment() { return create(config()); }

#if OSSBIND_EXCEPTIONS
  /// Makes a client, or throws ossbind::upload_exception.
  static client create_or_throw(const config &from) {
    client made = create(from);
    if (!made)
      throw upload_exception(detail::refused(made.error_));
    return made;
  }
#endif

  /// Another owner of the same client, with the same connections.
  client ref() const noexcept {
    client other;
    other.error_ = error_;
    other.log_ = log_;
    other.raw_.reset(ossbind_client_ref(raw_.get()));
    return other;
  }

  /// Whether there is a client.
  explicit operator bool() const noexcept { return static_cast<bool>(raw_); }

  /// Why the client could not be made.
  failure error() const noexcept { return error_; }

  /// Uploads one object and waits for the answer of OSS, and so for the callback. Never throws by
  /// itself; exceptions of the functions in `request` pass through. Any thread.
  upload_outcome upload(const upload_request &request) const {
    if (error_)
      return detail::refused(error_);
    return detail::upload_call(request).run([this](const ossbind_upload_request *c,
                                                   ossbind_upload_result **result,
                                                   ossbind_error **error) {
      return ossbind_client_upload(raw_.get(), c, result, error);
    });
  }

  /// Asks OSS whether an object is there, with the size and the CRC-64 of a body: for after an upload
  /// whose error advises OSSBIND_ADVICE_LOOK. An outcome that is ok() has a result. With
  /// OSSBIND_STATUS_NOT_FOUND it is not there, or not yet, and the advice of the error says which. Any
  /// thread.
  upload_outcome find(const find_request &request) const {
    return error_ ? detail::refused(error_) : detail::find_call::run(raw_.get(), request);
  }

#if OSSBIND_EXCEPTIONS
  /// As upload(), but throws ossbind::upload_exception unless the outcome is ok().
  upload_result upload_or_throw(const upload_request &request) const {
    return detail::result_or_throw(upload(request));
  }
#endif

  /// Signs a URL, with which a program without keys can do one thing until it expires. Nothing is
  /// sent. Any thread.
  signed_result sign_url(const sign_url_request &request) const { return sign(request); }

  /// Signs a request for any operation of OSS, for the program's own HTTP stack to send within 15
  /// minutes. Any thread.
  signed_result sign_headers(const sign_headers_request &request) const { return sign(request); }

  /// Signs a form, with which a browser or a device without keys can upload within the limits of
  /// its policy. Nothing is sent. Any thread.
  signed_result sign_form(const sign_form_request &request) const { return sign(request); }

  /// The C client, which belongs to this object; NULL without a client.
  const ossbind_client *c_ptr() const &noexcept { return raw_.get(); }
  const ossbind_client *c_ptr() && = delete;

private:
  template <class Request> signed_result sign(const Request &request) const {
    signed_result made;
    made.error = error_;
    return made.error ? made : detail::signing_call(raw_.get()).run(request);
  }

  using credentials_function = std::function<bool(given_credentials &)>;

  static std::int32_t give_credentials(void *function, ossbind_credentials_sink *sink) noexcept {
#if OSSBIND_EXCEPTIONS
    try {
      return try_credentials(function, sink);
    } catch (const std::exception &why) { // Whoever waits for keys learns that there are none.
      ossbind_credentials_sink_fail(sink, why.what());
      return 1;
    } catch (...) {
      return 1;
    }
#else
    return try_credentials(function, sink);
#endif
  }

  static std::int32_t try_credentials(void *function, ossbind_credentials_sink *sink) {
    given_credentials keys;
    if (!(*static_cast<credentials_function *>(function))(keys))
      return 1;
    detail::c_texts texts;
    const char *id = texts.get("access_key_id", keys.access_key_id);
    const char *secret = texts.get("access_key_secret", keys.access_key_secret);
    const char *token = texts.get("security_token", keys.security_token);
    const failure nul = texts.take_failure();
    if (nul) {
      ossbind_credentials_sink_fail(sink, nul.message().c_str());
      return 1;
    }
    return ossbind_credentials_sink_set(sink, id, secret, token, keys.lifetime_s);
  }

  static void free_credentials(void *function) noexcept {
    delete static_cast<credentials_function *>(function);
  }

  using log_function = std::function<void(ossbind_log_level, const std::string &)>;

  failure init(const config &from) {
    detail::c_texts texts;
    detail::c_config c(from, texts);
    if (from.log) {
      log_ = std::make_shared<log_function>(from.log);
      c.raw.log = &client::log;
      c.raw.log_userdata = log_.get();
    }
    failure nul = texts.take_failure();
    if (nul)
      return nul;
    if (from.credentials.function) { // The C library owns the copy, and frees it in any case.
      c.credentials.function = &client::give_credentials;
      c.credentials.userdata = new credentials_function(from.credentials.function);
      c.credentials.userdata_free = &client::free_credentials;
    }
    ossbind_client *raw = nullptr;
    ossbind_error *error = nullptr;
    if (ossbind_client_new(&c.raw, &raw, &error) == OSSBIND_STATUS_OK)
      raw_.reset(raw);
    return failure(error);
  }

  static void log(void *function, ossbind_log_level level, const char *message) noexcept {
#if OSSBIND_EXCEPTIONS
    try {
      (*static_cast<log_function *>(function))(level, message);
    } catch (...) { // A message that is lost spoils no upload.
    }
#else
    (*static_cast<log_function *>(function))(level, message);
#endif
  }

  /// Outlives the C client, which calls it.
  std::shared_ptr<log_function> log_;
  detail::handle<ossbind_client> raw_;
  failure error_;
};

/// Uploads one object in one call, with the one client of the process, which the first such call
/// makes from the environment. Otherwise as client::upload().
inline upload_outcome upload(const upload_request &request) {
  return detail::upload_call(request).run(
      [](const ossbind_upload_request *c, ossbind_upload_result **result, ossbind_error **error) {
        return ossbind_upload(nullptr, c, result, error);
      });
}

/// Uploads one object in one call, with a client that is made for this call only. Otherwise as
/// client::upload(). To a bundle or a URL it needs neither endpoint nor keys.
inline upload_outcome upload(const config &with, const upload_request &request) {
  config of_call = with;
  if (request.bundle.is_set() || request.url.is_set()) { // What was signed needs no keys.
    of_call.endpoint = of_call.region = text();
    of_call.access_key_id = of_call.access_key_secret = of_call.security_token = text();
    of_call.no_keys = true;
  }
  return client::create(of_call).upload(request);
}

#if OSSBIND_EXCEPTIONS
/// As upload(request), but throws ossbind::upload_exception unless the outcome is ok().
inline upload_result upload_or_throw(const upload_request &request) {
  return detail::result_or_throw(upload(request));
}

/// As upload(config, request), but throws ossbind::upload_exception unless the outcome is ok().
inline upload_result upload_or_throw(const config &with, const upload_request &request) {
  return detail::result_or_throw(upload(with, request));
}
#endif

/// Names and values, under the name that the vendor's C++ SDK has for them.
using HeaderCollection = std::map<std::string, std::string>;

/// An upload callback with the names of the vendor's C++ SDK, for programs that come from there:
/// only the namespace changes. Assign it to upload_request::callback. Unlike there, the body is
/// written as it shall arrive: a JSON body is escaped here, and must not be escaped by hand.
class ObjectCallbackBuilder {
public:
  /// How OSS encodes the values in the body.
  enum Type {
    /// application/x-www-form-urlencoded.
    URL = 0,
    /// application/json.
    JSON
  };

  /// A callback with a form body to `url`, or to up to 5 separated by ';'.
  ObjectCallbackBuilder(const std::string &url, const std::string &body)
      : ObjectCallbackBuilder(url, body, std::string(), URL) {}
  /// A callback with everything; an empty `host` is the host of the URL.
  ObjectCallbackBuilder(const std::string &url, const std::string &body, const std::string &host,
                        Type type)
      : url_(url), host_(host), body_(body), body_type_(type) {}

  /// Where OSS sends its POST.
  std::string CallbackUrl() const { return url_; }
  /// Host header of the POST.
  std::string CallbackHost() const { return host_; }
  /// Template of the body.
  std::string CallbackBody() const { return body_; }
  /// Type of the body.
  Type CallbackBodyType() const { return body_type_; }
  /// Sets where OSS sends its POST.
  void setCallbackUrl(const std::string &url) { url_ = url; }
  /// Sets the Host header of the POST.
  void setCallbackHost(const std::string &host) { host_ = host; }
  /// Sets the template of the body.
  void setCallbackBody(const std::string &body) { body_ = body; }
  /// Sets the type of the body.
  void setCallbackBodyType(Type type) { body_type_ = type; }

  /// Value of the header x-oss-callback; empty when OSS would refuse it. The variables are not
  /// known here, so neither names in ${...} nor JSON is checked; an upload does, and says what is
  /// wrong.
  std::string build() const { return callback(*this).relaxed().encode().header; }

private:
  std::string url_;
  std::string host_;
  std::string body_;
  Type body_type_;
};

/// Variables of an upload callback with the names of the vendor's C++ SDK.
class ObjectCallbackVariableBuilder {
public:
  /// No variables.
  ObjectCallbackVariableBuilder() = default;

  /// The variables so far.
  HeaderCollection CallbackVariable() const { return variables_; }

  /// Adds or replaces a variable. False, and nothing added, when `key` does not begin with "x:".
  bool addCallbackVariable(const std::string &key, const std::string &value) {
    if (key.compare(0, 2, "x:") != 0)
      return false;
    variables_[key] = value;
    return true;
  }

  /// Value of the header x-oss-callback-var; empty when there are no variables or OSS would refuse
  /// them.
  std::string build() const {
    // Variables are encoded together with a callback; any will do.
    const ObjectCallbackBuilder any("http://localhost/", "any");
    return callback(any, *this).encode().variables_header;
  }

private:
  HeaderCollection variables_;
};

inline callback::callback(const ObjectCallbackBuilder &builder) {
  url(builder.CallbackUrl());
  if (!builder.CallbackHost().empty())
    host(builder.CallbackHost());
  if (builder.CallbackBodyType() == ObjectCallbackBuilder::JSON)
    json_body(builder.CallbackBody());
  else
    form_body(builder.CallbackBody());
}

inline callback::callback(const ObjectCallbackBuilder &builder,
                          const ObjectCallbackVariableBuilder &variables)
    : callback(builder) {
  for (const HeaderCollection::value_type &entry : variables.CallbackVariable())
    variable(entry.first, entry.second);
}

} // namespace with_exceptions or without_exceptions
} // namespace v0
} // namespace ossbind

#endif // OSSBIND_HPP
