/*
 * ossbind for C++11 and newer: uploads to Alibaba Cloud OSS with an upload callback.
 *
 *   ossbind::upload_request request("examplebucket", "a.jpg", ossbind::body::file("/tmp/a.jpg"));
 *   request.callback.url("http://app.example.com/cb").form_body("object=${object}");
 *   const ossbind::upload_outcome outcome = ossbind::upload(request);
 *
 * Header-only over ossbind.h, whose rules for threads and fork hold here as well.
 *
 * Outcome     As in C: the status says what happened, the advice of the error what to do, the error why,
 *             the result what exists.
 * Failure     Failures of the library are values, never exceptions, except from functions whose
 *             name ends in _or_throw; those exist only where exceptions do.
 * Memory      When it runs out, this header throws std::bad_alloc; in the library, allocations
 *             whose size comes from outside fail with an error, and small ones abort the process.
 * Own code    An exception that leaves the program's reader, rewinder or progress function stops
 *             the upload, and leaves upload() with its own type; so does one that leaves the function
 *             of outbox::each().
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
#include <cstring>
#include <functional>
#include <initializer_list>
#include <iosfwd>
#include <map>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#if defined(__has_include)
#if __has_include(<version>)
#include <version>
#endif
#endif
#ifdef __cpp_lib_optional
#include <optional>
#endif
#ifdef __cpp_lib_string_view
#include <string_view>
#endif

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
class client;

namespace detail {

class c_arguments;
class upload_call;

struct deleter {
  void operator()(ossbind_client *p) const noexcept { ossbind_client_free(p); }
  void operator()(ossbind_upload_result *p) const noexcept { ossbind_upload_result_free(p); }
  void operator()(ossbind_error *p) const noexcept { ossbind_error_free(p); }
  void operator()(ossbind_encoded_callback *p) const noexcept { ossbind_encoded_callback_free(p); }
  void operator()(ossbind_callback_problems *p) const noexcept {
    ossbind_callback_problems_free(p);
  }
  void operator()(ossbind_rendered_callback *p) const noexcept {
    ossbind_rendered_callback_free(p);
  }
  void operator()(ossbind_signed *p) const noexcept { ossbind_signed_free(p); }
  void operator()(ossbind_cancel *p) const noexcept { ossbind_cancel_free(p); }
  void operator()(ossbind_outbox *p) const noexcept { ossbind_outbox_free(p); }
  void operator()(ossbind_receipt *p) const noexcept { ossbind_receipt_free(p); }
  void operator()(ossbind_verifier *p) const noexcept { ossbind_verifier_free(p); }
  void operator()(ossbind_received_callback *p) const noexcept {
    ossbind_received_callback_free(p);
  }
  void operator()(ossbind_reply *p) const noexcept { ossbind_reply_free(p); }
  void operator()(ossbind_test_callback *p) const noexcept { ossbind_test_callback_free(p); }
};

template <class T> using handle = std::unique_ptr<T, deleter>;

inline std::string copy(const char *text) { return text ? std::string(text) : std::string(); }

/// The members of the first release: an older library than this header gives no others.
inline ossbind_metrics copy(const ossbind_metrics *metrics) noexcept {
  ossbind_metrics made = ossbind_metrics();
  if (!metrics)
    return made;
  made.requests = metrics->requests;
  made.retries = metrics->retries;
  made.dns_us = metrics->dns_us;
  made.connect_us = metrics->connect_us;
  made.tls_us = metrics->tls_us;
  made.send_us = metrics->send_us;
  made.wait_us = metrics->wait_us;
  made.receive_us = metrics->receive_us;
  made.bytes_sent = metrics->bytes_sent;
  made.bytes_received = metrics->bytes_received;
  return made;
}

/// All that a function of the C library gives by index.
template <class Object>
std::vector<std::pair<std::string, std::string>>
copy(const Object *from,
     std::int32_t (*at)(const Object *, std::size_t, const char **, const char **)) {
  std::vector<std::pair<std::string, std::string>> result;
  const char *name = nullptr;
  const char *value = nullptr;
  while (at(from, result.size(), &name, &value))
    result.emplace_back(name, value);
  return result;
}

/// What C would not see.
struct fault {
  std::string field;
  std::size_t offset;
  std::string message;
};

/// Whether a fault in this field, or inside of it, is that of one file: docs/retries.md.
inline bool differs_from_file_to_file(const std::string &field) {
  for (const char *name : {"body",
                           "data",
                           "data_len",
                           "file_path",
                           "read",
                           "rewind",
                           "key",
                           "content_type",
                           "content_length",
                           "content_md5",
                           "metadata",
                           "headers",
                           "callback.url_query",
                           "callback.body_fields",
                           "callback.variables",
                           "callback.variables_parameter",
                           "request",
                           "options.caller_id",
                           "options.order",
                           "id"}) {
    const std::size_t length = std::strlen(name);
    if (field.compare(0, length, name) == 0 &&
        (field.size() == length || field[length] == '[' || field[length] == '.'))
      return true;
  }
  return false;
}

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
  left_out = OSSBIND_STATUS_LEFT_OUT,
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
  not_found = OSSBIND_STATUS_NOT_FOUND,
  outbox = OSSBIND_STATUS_OUTBOX,
  outbox_full = OSSBIND_STATUS_OUTBOX_FULL,
  outbox_busy = OSSBIND_STATUS_OUTBOX_BUSY,
  not_signed = OSSBIND_STATUS_NOT_SIGNED,
  key_url_refused = OSSBIND_STATUS_KEY_URL_REFUSED,
  key_unavailable = OSSBIND_STATUS_KEY_UNAVAILABLE,
  signature_wrong = OSSBIND_STATUS_SIGNATURE_WRONG,
  seal_wrong = OSSBIND_STATUS_SEAL_WRONG,
  too_old = OSSBIND_STATUS_TOO_OLD,
  replayed = OSSBIND_STATUS_REPLAYED,
  malformed = OSSBIND_STATUS_MALFORMED
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

/// What becomes of a callback with a problem: OSSBIND_SEVERITY_*, with which they compare.
namespace severity {
enum type : ossbind_severity { error = OSSBIND_SEVERITY_ERROR, warning = OSSBIND_SEVERITY_WARNING };
} // namespace severity

/// What became of an item of an outbox: OSSBIND_ITEM_OUTCOME_*, with which they compare. Treat a
/// value that the program does not know, from a newer library, as not_acknowledged.
namespace item_outcome {
enum type : ossbind_item_outcome {
  acknowledged = OSSBIND_ITEM_OUTCOME_ACKNOWLEDGED,
  not_acknowledged = OSSBIND_ITEM_OUTCOME_NOT_ACKNOWLEDGED,
  refused = OSSBIND_ITEM_OUTCOME_REFUSED,
  expired = OSSBIND_ITEM_OUTCOME_EXPIRED,
  dropped = OSSBIND_ITEM_OUTCOME_DROPPED
};
} // namespace item_outcome

/// What state an item of an outbox is in: OSSBIND_ITEM_STATE_*, with which they compare.
namespace item_state {
enum type : ossbind_item_state {
  waiting = OSSBIND_ITEM_STATE_WAITING,
  held = OSSBIND_ITEM_STATE_HELD,
  receipt = OSSBIND_ITEM_STATE_RECEIPT,
  dead = OSSBIND_ITEM_STATE_DEAD,
  corrupt = OSSBIND_ITEM_STATE_CORRUPT,
  sending = OSSBIND_ITEM_STATE_SENDING
};
} // namespace item_state

/// How a file becomes the body of an item: OSSBIND_OUTBOX_KEEP_*.
namespace outbox_keep {
enum type : ossbind_outbox_keep {
  copy = OSSBIND_OUTBOX_KEEP_COPY,
  link = OSSBIND_OUTBOX_KEEP_LINK,
  move = OSSBIND_OUTBOX_KEEP_MOVE,
  reference = OSSBIND_OUTBOX_KEEP_REFERENCE
};
} // namespace outbox_keep

/// What happens to an item that has no room: OSSBIND_OUTBOX_WHEN_FULL_*.
namespace outbox_when_full {
enum type : ossbind_outbox_when_full {
  refuse = OSSBIND_OUTBOX_WHEN_FULL_REFUSE,
  drop_oldest = OSSBIND_OUTBOX_WHEN_FULL_DROP_OLDEST,
  drop_newest = OSSBIND_OUTBOX_WHEN_FULL_DROP_NEWEST,
  drop_least_urgent = OSSBIND_OUTBOX_WHEN_FULL_DROP_LEAST_URGENT
};
} // namespace outbox_when_full

/// How long an outbox runs: OSSBIND_OUTBOX_RUN_*.
namespace outbox_run {
enum type : std::uint32_t {
  for_good = 0,
  until_empty = OSSBIND_OUTBOX_RUN_UNTIL_EMPTY,
  until_idle = OSSBIND_OUTBOX_RUN_UNTIL_IDLE
};
} // namespace outbox_run

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

/// Name of an OSSBIND_ITEM_OUTCOME_* constant, for logs. Static, and never NULL.
inline const char *item_outcome_name(ossbind_item_outcome outcome) noexcept {
  return ossbind_item_outcome_name(outcome);
}

/// Name of an OSSBIND_ITEM_STATE_* constant, for logs. Static, and never NULL.
inline const char *item_state_name(ossbind_item_state state) noexcept {
  return ossbind_item_state_name(state);
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
#ifdef __cpp_lib_string_view
  /// A copy of `value`, which may be empty.
  text(std::string_view value) : value_(value), is_set_(true) {}
#endif
#ifdef __cpp_lib_optional
  /// A copy of `value`, or unset when there is none.
  text(const std::optional<std::string> &value)
      : value_(value.value_or(std::string())), is_set_(value.has_value()) {}
  text(std::nullopt_t) {}
#endif
  /// The bytes of a path: std::filesystem::path, or that of a library like it.
  template <class Path, class = decltype(std::string(std::declval<const Path &>().native()))>
  text(const Path &path) : value_(path.native()), is_set_(true) {}

  /// Whether there is a text, be it empty.
  bool is_set() const noexcept { return is_set_; }
  /// The text; empty when unset. Belongs to this object, unless that is a temporary.
  const std::string &value() const &noexcept { return value_; }
  std::string value() && { return std::move(value_); }

private:
  std::string value_;
  bool is_set_ = false;
};

/// A text, or a whole number in decimal digits.
class text_or_number : public text {
public:
  using text::text;
  /// A text.
  text_or_number(text value) : text(std::move(value)) {}
  /// A number.
  template <class Number, class = typename std::enable_if<std::is_integral<Number>::value &&
                                                          !std::is_same<Number, bool>::value &&
                                                          !std::is_same<Number, char>::value>::type>
  text_or_number(Number number) : text(std::to_string(number)) {}
};

/// Names and values, in the order in which they are sent.
class pairs : public std::vector<std::pair<text, text>> {
public:
  using vector::vector;
  /// None.
  pairs() = default;
  /// Those of a map of texts, for example std::map<std::string, std::string>.
  template <class Map, class = typename Map::mapped_type>
  pairs(const Map &map) : vector(map.begin(), map.end()) {}
};

/// Names and values that the library gives.
using string_pairs = std::vector<std::pair<std::string, std::string>>;

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
  explicit operator bool() const noexcept { return raw_ || fault_; }

  /// What happened. ok when nothing failed.
  ossbind::status::type status() const noexcept {
    return fault_ ? status::invalid_argument : status::type(ossbind_error_status(raw_.get()));
  }
  /// Whether the object exists in spite of the error.
  ossbind::object_state::type object_state() const noexcept {
    return fault_ ? object_state::not_stored
                  : object_state::type(ossbind_error_object_state(raw_.get()));
  }
  /// What to do with the file. done when nothing failed.
  ossbind::advice::type advice() const noexcept {
    if (!fault_)
      return advice::type(ossbind_error_advice(raw_.get()));
    return detail::differs_from_file_to_file(fault_->field) ? advice::fix_request
                                                            : advice::fix_settings;
  }
  /// How long to wait before following the advice; zero when there is nothing to wait for.
  std::chrono::milliseconds retry_after() const noexcept {
    if (!fault_)
      return std::chrono::milliseconds(ossbind_error_retry_after_ms(raw_.get()));
    return std::chrono::minutes(advice() == advice::fix_request ? 0 : 5);
  }
  /// One or two sentences for people, in English: field or fact, value, rule, what to do.
  std::string message() const {
    return fault_ ? fault_->message : detail::copy(ossbind_error_message(raw_.get()));
  }
  /// Name of the field at fault, for example "key" or "callback.variables[1].name"; else empty.
  std::string field() const {
    return fault_ ? fault_->field : detail::copy(ossbind_error_field(raw_.get()));
  }
  /// Byte offset of the fault within the field, or SIZE_MAX when it has none.
  std::size_t offset() const noexcept {
    return fault_ ? fault_->offset : ossbind_error_offset(raw_.get());
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

  /// The C error, which belongs to this object and its copies. NULL when nothing failed, and for what
  /// this header refuses: a NUL inside a text, or a stream that is not good.
  const ossbind_error *c_ptr() const &noexcept { return raw_.get(); }
  const ossbind_error *c_ptr() && = delete;

private:
  friend class detail::c_arguments;
  explicit failure(std::shared_ptr<const detail::fault> found) noexcept
      : fault_(std::move(found)) {}

  std::shared_ptr<const ossbind_error> raw_;
  std::shared_ptr<const detail::fault> fault_;
};

/// A callback that was checked and encoded: for many uploads (upload_request::encoded_callback), or
/// as header values for the program's own HTTP stack. Copies share it.
struct encoded_callback {
  /// Value of x-oss-callback; empty after an error.
  std::string header{};
  /// Value of x-oss-callback-var; empty when there are no variables: do not send the header then.
  std::string variables_header{};
  /// Why the callback was refused.
  failure error{};

  /// Whether the callback is sound.
  bool ok() const noexcept { return !error; }

private:
  friend class callback;
  friend class detail::c_arguments;
  std::shared_ptr<const ossbind_encoded_callback> raw_{};
};

/// What is wrong with a callback at one place: ossbind_callback_problem.
struct callback_problem {
  /// Whether the callback is refused because of it.
  ossbind::severity::type severity = ossbind::severity::error;
  /// The member at fault, such as "callback.variables[1].name".
  std::string field{};
  /// Byte offset of the fault in it; SIZE_MAX when it has none.
  std::size_t offset = SIZE_MAX;
  /// What is wrong: the value, and the rule that it breaks.
  std::string rule{};
  /// What to do.
  std::string cure{};
  /// Error code with which OSS would refuse the callback; empty when it would not.
  std::string ec{};
  /// All of it in one sentence, for logs.
  std::string message{};
};

/// Everything that is wrong with a callback.
struct callback_problems {
  /// Errors first, then warnings.
  std::vector<callback_problem> list{};
  /// Why the callback could not even be read, for example because of a NUL inside a text.
  failure error{};

  /// Whether nothing refuses the callback. There may be warnings.
  bool ok() const noexcept {
    return !error && (list.empty() || list.front().severity != severity::error);
  }
};

/// What OSS knows of an upload when it calls back, for callback::render(): ossbind_object_facts.
/// What the body does not name is not needed.
struct object_facts {
  /// Name of the bucket: ${bucket}.
  text bucket{};
  /// Name of the object: ${object}.
  text key{};
  /// ETag without quotes: ${etag}.
  text etag{};
  /// Size of the object in bytes: ${size}.
  std::uint64_t size = 0;
  /// Type of the object: ${mimeType}. Not set: application/octet-stream.
  text content_type{};
  /// Format of the image, such as "jpg": ${imageInfo.format}. Not set when the object is no image.
  text image_format{};
  /// Its width in pixels: ${imageInfo.width}.
  std::uint64_t image_width = 0;
  /// Its height in pixels: ${imageInfo.height}.
  std::uint64_t image_height = 0;
  /// CRC-64 of the object: ${crc64}.
  std::uint64_t crc64 = 0;
  /// MD5 of the content in Base64: ${contentMd5}. Not set for an object that was sent in parts.
  text content_md5{};
  /// VPC of the sender: ${vpcId}. Not set outside of one.
  text vpc_id{};
  /// Address of the sender: ${clientIp}.
  text client_ip{};
  /// Request id of the upload: ${reqId}.
  text request_id{};
  /// What stored the object: ${operation}. Not set: PutObject.
  text operation{};
};

/// What the application server would get.
struct rendered_callback {
  /// The body of the POST, byte for byte; empty after an error.
  std::string body{};
  /// Its Content-Type; empty after an error.
  std::string content_type{};
  /// Why there is none.
  failure error{};

  /// Whether there is a body.
  bool ok() const noexcept { return !error; }
};

/// What OSS shall tell the application server once an object is stored, and where: ossbind_callback.
/// A default-made one means no callback, until a setter is called. The setters take any text and
/// return this object; the upload, or encode(), checks everything.
class callback {
public:
  /// No callback.
  callback() = default;
  /// What a builder has.
  callback(const ObjectCallbackBuilder &builder);
  /// What a builder has, with variables. The braces in `request.callback = {builder, variables}`
  /// make it.
  callback(const ObjectCallbackBuilder &builder, const ObjectCallbackVariableBuilder &variables);

  /// A callback whose parameter, and perhaps its variables, are ready: JSON text, or Base64 of it,
  /// which the builders of the vendor's SDK make. Only variable() and relaxed() go with it.
  static callback ready(text parameter, text variables_parameter = text()) {
    callback made;
    made.parameter_ = std::move(parameter);
    made.variables_parameter_ = std::move(variables_parameter);
    return made.set();
  }

  /// Where OSS sends its POST: an http or https URL, percent-encoded, or up to 5 separated by ';'.
  callback &url(text url) {
    url_ = std::move(url);
    return set();
  }
  /// A further URL, which OSS tries when url() and those before it do not answer. 5 in all.
  callback &fallback_url(const text &url) {
    fallback_urls_ += ";" + url.value();
    return set();
  }
  /// Adds a name and a value to the query of each URL, percent-encoded.
  callback &url_query(text name, text_or_number value) {
    return add(url_query_, std::move(name), std::move(value));
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
  /// Adds a name and a value to such a body, instead of form_body(): OSS replaces ${name} in the value,
  /// everything else is percent-encoded.
  callback &body_field(text name, text_or_number value) {
    return add(body_fields_, std::move(name), std::move(value));
  }
  /// Template of a body of the type application/json, for example {"object":${object}}: OSS puts
  /// quotes around text values. Written as it shall arrive, without escaping it once more.
  callback &json_body(text body) { return set_body(std::move(body), OSSBIND_BODY_TYPE_JSON); }
  /// Adds a variable: `name` begins with "x:" and is lowercase, `value` is any text or whole number.
  callback &variable(text name, text_or_number value) {
    return add(variables_, std::move(name), std::move(value));
  }
  /// Whether OSS names the host in its TLS handshake. Without this call: as soon as a URL is https.
  callback &sni(bool on) {
    sni_ = on ? OSSBIND_SNI_ON : OSSBIND_SNI_OFF;
    return set();
  }
  /// Accepts what OSS accepts but is almost always a mistake; OSSBIND_CALLBACK_RELAXED in ossbind.h
  /// lists what that is.
  callback &relaxed(bool on = true) {
    relaxed_ = on;
    return set();
  }

  /// Whether there is a callback at all: a setter was called.
  bool is_set() const noexcept { return is_set_; }

  /// Checks and encodes the callback, without any upload.
  encoded_callback encode() const;

  /// Finds everything that is wrong with it, and not only the first: ossbind_callback_check().
  callback_problems check() const;

  /// Makes the body that OSS would send for such an upload, for tests of an application server:
  /// ossbind_callback_render().
  rendered_callback render(const object_facts &facts) const;

private:
  friend class detail::c_arguments;

  callback &set() noexcept {
    is_set_ = true;
    return *this;
  }

  callback &add(pairs &to, text name, text value) {
    to.emplace_back(std::move(name), std::move(value));
    return set();
  }

  callback &set_body(text body, ossbind_body_type type) {
    body_ = std::move(body);
    body_type_ = type;
    return set();
  }

  text url_, host_, body_, parameter_, variables_parameter_;
  /// Each with a ';' before it.
  std::string fallback_urls_;
  pairs url_query_, body_fields_, variables_;
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
  body(body &&) = default;
  body &operator=(body &&) = default;

  /// An empty object.
  static body empty() { return memory(nullptr, 0); }

  /// `length` bytes at `data`, which are borrowed: they must live until the upload has returned.
  static body memory(const void *data, std::size_t length) {
    body made(OSSBIND_BODY_KIND_MEMORY);
    made.data_ = data;
    made.length_ = length;
    return made;
  }
  /// A copy of a text. NULL is refused.
  static body memory(const char *value) { return value ? memory(std::string(value)) : body(); }
  /// The bytes of a std::string, std::vector<std::uint8_t>, std::span or the like. A variable is
  /// borrowed: it must live, unchanged, until the upload has returned. A temporary, and what is given
  /// with std::move(), is kept; of a view, that is the view and not its bytes.
  template <class Bytes,
            class = typename std::enable_if<sizeof(*std::declval<Bytes &>().data()) == 1>::type>
  static body memory(Bytes &&bytes) {
    return memory_of(std::forward<Bytes>(bytes), std::is_lvalue_reference<Bytes>());
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
    body made = stream(std::move(read));
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

  /// What `in` has from where it stands to its end. Borrowed: it must live until the upload has
  /// returned. One that is not good, for example because its file is missing, is refused.
  template <class Traits> static body stream(std::basic_istream<char, Traits> &in) {
    using istream = std::basic_istream<char, Traits>;
    using offset = typename istream::off_type;
    if (!in.good()) {
      body made;
      made.is_bad_stream_ = true;
      return made;
    }
    const auto read = [&in](std::uint8_t *buffer, std::size_t capacity) {
      in.read(reinterpret_cast<char *>(buffer), static_cast<decltype(in.gcount())>(capacity));
      return in.bad() ? read_failed() : static_cast<std::size_t>(in.gcount());
    };
    const offset begin = in.rdbuf()->pubseekoff(0, istream::cur, istream::in);
    const offset end = in.rdbuf()->pubseekoff(0, istream::end, istream::in);
    if (end < begin || begin < 0) // It cannot be moved, as with a pipe.
      return stream(read);
    in.rdbuf()->pubseekoff(begin, istream::beg, istream::in);
    const auto rewind = [&in, begin](std::uint64_t position) {
      in.clear();
      in.seekg(begin + static_cast<offset>(position), istream::beg);
      return in.good();
    };
    return stream(read, static_cast<std::uint64_t>(end - begin), rewind);
  }

  /// What a reader returns to stop the upload without an exception.
  static constexpr std::size_t read_failed() noexcept { return SIZE_MAX; }

private:
  friend class detail::c_arguments;
  friend class detail::upload_call;
  explicit body(ossbind_body_kind kind) noexcept : kind_(kind) {}

  template <class Bytes> static body memory_of(const Bytes &bytes, std::true_type) {
    return memory(static_cast<const void *>(bytes.data()), bytes.size());
  }
  template <class Bytes> static body memory_of(Bytes &&bytes, std::false_type) {
    const auto kept =
        std::make_shared<const typename std::decay<Bytes>::type>(std::forward<Bytes>(bytes));
    body made(OSSBIND_BODY_KIND_MEMORY);
    made.owned_ = std::shared_ptr<const void>(kept, kept->data());
    made.length_ = kept->size();
    return made;
  }

  const std::uint8_t *data() const noexcept {
    return static_cast<const std::uint8_t *>(owned_ ? owned_.get() : data_);
  }

  ossbind_body_kind kind_ = OSSBIND_BODY_KIND_NONE;
  /// Bytes of the body itself. One that was moved from has lost them but not their length, and is
  /// refused.
  std::shared_ptr<const void> owned_;
  /// Borrowed bytes; NULL when they are owned.
  const void *data_ = nullptr;
  std::size_t length_ = 0;
  text path_;
  reader read_;
  rewinder rewind_;
  std::uint64_t stream_length_ = 0;
  bool has_length_ = false;
  bool is_bad_stream_ = false;
};

/// Is told how far an upload is. A function that returns nothing, or true to go on; false stops the
/// upload, and so does an exception. Runs on the thread of the upload.
class progress_function : public std::function<bool(const ossbind_progress &)> {
public:
  /// None.
  progress_function(std::nullptr_t = nullptr) {}
  /// A function or lambda.
  template <class Function, class Result = decltype(std::declval<Function &>()(
                                std::declval<const ossbind_progress &>()))>
  progress_function(Function tell) : function(made_of(std::move(tell), std::is_void<Result>())) {}

private:
  template <class Function> static function made_of(Function tell, std::false_type) {
    return function(std::move(tell));
  }
  template <class Function> static function made_of(Function tell, std::true_type) {
    return [tell](const ossbind_progress &so_far) mutable {
      tell(so_far);
      return true;
    };
  }
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
  text access_key_id{};
  /// Access key secret.
  text access_key_secret{};
  /// Token of temporary keys; unset for permanent ones.
  text security_token{};
  /// For how long from now they are good. 0: for as long as OSS takes them.
  std::chrono::seconds lifetime{0};
};

// The members of the following structs mean what ossbind.h says of those of the same name, in the C
// struct that is named. An unset text is NULL there, a flag is a bool here, and a duration has its
// unit in its type: one that is negative counts as the shortest one, since 0 is the default.

/// Which servers a client trusts, and how it proves who it is: ossbind_tls_config.
struct tls_config {
  text ca_file{};
  text ca_dir{};
  text ca_pem{};
  std::vector<text> pins{};
  text client_certificate_file{};
  text client_key_file{};
  text client_certificate_pem{};
  text client_key_pem{};
  std::chrono::milliseconds handshake_timeout{0};
  /// DANGEROUS: accepts any certificate of a server. For tests.
  bool danger_accept_any_certificate = false;
};

/// Where the keys of a client come from, when they are not in its config:
/// ossbind_credentials_config.
struct credentials_config {
  /// OSSBIND_CREDENTIALS_KIND_*.
  ossbind_credentials_kind kind = OSSBIND_CREDENTIALS_KIND_DEFAULT;
  text argument{};
  text file{};
  /// Of the kind FUNCTION, which it sets by itself: gives keys, or returns false or throws when it
  /// has none. Runs on a thread of the library, one call at a time; must not use this client.
  std::function<bool(given_credentials &keys)> function{};
};

/// How a client is made: ossbind_client_config. An empty one is the environment.
struct config {
  text endpoint{};
  text region{};
  text access_key_id{};
  /// The client wipes its own copy from memory, not this one.
  text access_key_secret{};
  text security_token{};
  ossbind::credentials_config credentials{};
  ossbind::tls_config tls{};
  /// OSSBIND_SIGNATURE_VERSION_*.
  ossbind_signature_version signature_version = OSSBIND_SIGNATURE_VERSION_DEFAULT;
  bool plain_http = false;
  bool path_style = false;
  bool cname = false;
  bool internal = false;
  bool dual_stack = false;
  bool accelerate = false;
  bool no_crc64 = false;
  bool no_keys = false;
  bool keep_clock = false;
  text user_agent{};
  text network_proxy{};
  text network_no_proxy{};
  text network_source{};
  std::uint64_t network_low_speed_bytes_per_s = 0;
  std::uint64_t network_rate_limit_bytes_per_s = 0;
  std::chrono::milliseconds network_connect_timeout{0};
  std::chrono::milliseconds network_idle_timeout{0};
  std::chrono::milliseconds network_keep_alive{0};
  std::chrono::milliseconds network_tcp_user_timeout{0};
  std::chrono::milliseconds network_low_speed_window{0};
  std::uint32_t retry_attempts = 0;
  std::chrono::milliseconds retry_base{0};
  std::chrono::milliseconds retry_max{0};
  std::chrono::seconds clock_limit{0};
  /// OSSBIND_LOG_LEVEL_*.
  ossbind_log_level log_level = OSSBIND_LOG_LEVEL_DEFAULT;
  /// Its exceptions are dropped.
  std::function<void(ossbind_log_level level, const std::string &message)> log{};
};

/// One upload: ossbind_upload_request. A body is required, and bucket and key, or what was signed
/// elsewhere: a bundle or a URL. Move-only.
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

  text bucket{};
  text key{};
  text bundle{};
  text url{};
  pairs form_fields{};
  /// Send a form (PostObject) to bucket and key instead of a PUT.
  bool form = false;
  ossbind::body body{};
  /// What OSS shall tell the application server; nothing unless it is set.
  ossbind::callback callback{};
  /// Instead of callback: what callback::encode() made, which is checked once for many uploads.
  ossbind::encoded_callback encoded_callback{};
  text content_type{};
  pairs metadata{};
  pairs headers{};
  text storage_class{};
  text acl{};
  text content_md5{};
  /// The flag OSSBIND_UPLOAD_CONTENT_MD5. A stream needs its rewinder.
  bool compute_content_md5 = false;
  bool forbid_overwrite = false;
  bool once = false;
  bool requester_pays = false;
  std::uint64_t multipart_threshold = 0;
  std::uint64_t part_size = 0;
  std::uint32_t parallel = 0;
  text checkpoint_dir{};
  bool require_checkpoint = false;
  /// Borrowed for the call. NULL: nothing ends the upload.
  const cancel_source *cancel = nullptr;
  std::chrono::milliseconds timeout{0};
  std::uint64_t traffic_limit_bits_per_s = 0;
  std::uint64_t rate_limit_bytes_per_s = 0;
  progress_function progress{};
};

/// A question for the object of an upload whose outcome is unknown: ossbind_find_request. Bucket,
/// key and body are required, and are those of the upload.
struct find_request {
  /// Nothing set.
  find_request() = default;
  /// For an upload that has just failed.
  find_request(text bucket_name, text object_key, ossbind::body content)
      : bucket(std::move(bucket_name)), key(std::move(object_key)), body(std::move(content)) {}

  text bucket{};
  text key{};
  /// Of memory or of a file.
  ossbind::body body{};
  /// Time since the upload failed.
  std::chrono::milliseconds doubt_age{0};
  /// Borrowed for the call. NULL: nothing ends it.
  const cancel_source *cancel = nullptr;
  std::chrono::milliseconds timeout{0};
  bool requester_pays = false;
};

/// A URL to be signed: ossbind_sign_url_request. Bucket and key are required.
struct sign_url_request {
  text bucket{};
  text key{};
  /// OSSBIND_OPERATION_*: what the URL is good for.
  ossbind_operation operation = OSSBIND_OPERATION_PUT_OBJECT;
  std::chrono::seconds expires_in{0};
  std::uint32_t part_number = 0;
  text upload_id{};
  text content_type{};
  text content_md5{};
  pairs metadata{};
  pairs headers{};
  std::vector<text> additional_headers{};
  pairs query{};
  text storage_class{};
  text acl{};
  /// What OSS shall tell the application server; nothing unless it is set.
  ossbind::callback callback{};
  bool callback_in_headers = false;
  bool forbid_overwrite = false;
  bool requester_pays = false;
};

/// A request to be signed for the program's own HTTP stack: ossbind_sign_headers_request. The
/// method is required.
struct sign_headers_request {
  text method{};
  text bucket{};
  text key{};
  pairs query{};
  pairs headers{};
  std::vector<text> additional_headers{};
};

/// What a form may upload: ossbind_sign_form_request. The bucket is required, and key or key_prefix.
struct sign_form_request {
  text bucket{};
  text key{};
  text key_prefix{};
  std::chrono::seconds expires_in{0};
  std::uint64_t min_size = 0;
  std::uint64_t max_size = 0;
  std::vector<text> content_types{};
  /// What OSS shall tell the application server, which the sender of the form cannot change;
  /// nothing unless it is set.
  ossbind::callback callback{};
  pairs fields{};
  text conditions{};
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
  string_pairs pairs;
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
#ifdef __cpp_lib_optional
  /// CRC-64 that OSS computed of the whole object, if it did.
  std::optional<std::uint64_t> crc64() const noexcept {
    std::uint64_t value = 0;
    return crc64(value) ? std::optional<std::uint64_t>(value) : std::nullopt;
  }
#endif
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
  /// Names (lowercase) and values of all headers of the answer.
  string_pairs headers() const {
    return detail::copy(raw_.get(), &ossbind_upload_result_header_at);
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

/// How an outbox is opened: ossbind_outbox_config. The folder is required.
struct outbox_config {
  text folder{};
  /// Borrowed for the call; the outbox becomes another owner. NULL: another process sends.
  const ossbind::client *client = nullptr;
  bool newest_first = false;
  outbox_when_full::type when_full = outbox_when_full::refuse;
  std::uint64_t max_items = 0;
  std::uint64_t max_bytes = 0;
  std::uint64_t min_free_bytes = 0;
  std::uint64_t min_free_inodes = 0;
  std::chrono::seconds max_age{0};
  std::chrono::milliseconds retry_min{0};
  std::chrono::milliseconds retry_max{0};
  /// How long after the upload telling goes on. 0: 7 days.
  std::chrono::seconds tell_max_age{0};
  text tell_url{};
  /// Bytes, which may be any.
  std::string tell_key{};
};

/// How an item is kept and sent: ossbind_outbox_options.
struct outbox_options {
  outbox_keep::type keep = outbox_keep::copy;
  bool unmetered = false;
  bool overwrite = false;
  bool held = false;
  bool later = false;
  bool at_once = false;
  text caller_id{};
  text order{};
  std::uint32_t priority = 0;
  std::uint32_t max_attempts = 0;
  std::chrono::seconds delay{0};
  std::chrono::seconds lifetime{0};
};

/// A copy of an item in a list: ossbind_outbox_item. A text that is absent is empty.
struct outbox_item {
  /// Of which nothing is known.
  outbox_item() : outbox_item(ossbind_outbox_item()) {}
  /// Copies an item of the C library.
  explicit outbox_item(const ossbind_outbox_item &from)
      : id(from.id), state(item_state::type(from.state)), priority(from.priority), size(from.size),
        age_s(from.age_s), bucket(detail::copy(from.bucket)), key(detail::copy(from.key)),
        caller_id(detail::copy(from.caller_id)), order(detail::copy(from.order)),
        message(detail::copy(from.message)), file_name(detail::copy(from.file_name)) {}

  std::uint64_t id;
  item_state::type state;
  std::uint32_t priority;
  std::uint64_t size;
  /// UINT64_MAX if nobody can tell.
  std::uint64_t age_s;
  std::string bucket;
  std::string key;
  std::string caller_id;
  std::string order;
  std::string message;
  std::string file_name;
};

/// What became of an item. Move-only. An empty one, which answers with empty texts, means that
/// there is none now.
class receipt {
public:
  /// No receipt.
  receipt() = default;
  /// Takes over a receipt of the C library; NULL is none.
  explicit receipt(ossbind_receipt *raw) noexcept : raw_(raw) {}

  /// Whether there is a receipt.
  explicit operator bool() const noexcept { return static_cast<bool>(raw_); }

  /// Id of the item, for outbox::acknowledge().
  std::uint64_t id() const noexcept { return ossbind_receipt_id(raw_.get()); }
  /// What became of it.
  item_outcome::type outcome() const noexcept {
    return item_outcome::type(ossbind_receipt_outcome(raw_.get()));
  }
  /// Status of the last attempt; ok for items that were not tried.
  ossbind::status::type status() const noexcept {
    return status::type(ossbind_receipt_status(raw_.get()));
  }
  /// Why it is not acknowledged, for people; empty if it is.
  std::string message() const { return detail::copy(ossbind_receipt_message(raw_.get())); }
  /// outbox_options::caller_id; empty when unset.
  std::string caller_id() const { return detail::copy(ossbind_receipt_caller_id(raw_.get())); }
  /// Bucket; empty for a bundle.
  std::string bucket() const { return detail::copy(ossbind_receipt_bucket(raw_.get())); }
  /// Name of the object; empty for a bundle that has it.
  std::string key() const { return detail::copy(ossbind_receipt_key(raw_.get())); }
  /// Content-Type that the program gave; else empty.
  std::string content_type() const {
    return detail::copy(ossbind_receipt_content_type(raw_.get()));
  }
  /// Size of the body in bytes.
  std::uint64_t size() const noexcept { return ossbind_receipt_size(raw_.get()); }
  /// ETag without quotes; empty when absent.
  std::string etag() const { return detail::copy(ossbind_receipt_etag(raw_.get())); }
  /// Version id of the object in a versioned bucket; else empty.
  std::string version_id() const { return detail::copy(ossbind_receipt_version_id(raw_.get())); }
  /// Request id of the last answer, for the support of OSS; empty when absent.
  std::string request_id() const { return detail::copy(ossbind_receipt_request_id(raw_.get())); }
  /// CRC-64 that OSS computed of the object. False, and `value` untouched, when it is absent.
  bool crc64(std::uint64_t &value) const noexcept {
    return ossbind_receipt_crc64(raw_.get(), &value) != 0;
  }
#ifdef __cpp_lib_optional
  /// CRC-64 that OSS computed of the object, if it did.
  std::optional<std::uint64_t> crc64() const noexcept {
    std::uint64_t value = 0;
    return crc64(value) ? std::optional<std::uint64_t>(value) : std::nullopt;
  }
#endif
  /// HTTP status of the last answer; 0 when there was none.
  int http_status() const noexcept { return ossbind_receipt_http_status(raw_.get()); }
  /// Attempts of the process in which the item ended.
  std::uint32_t attempts() const noexcept { return ossbind_receipt_attempts(raw_.get()); }
  /// Whether outbox_config::tell_url was told of the item, and has answered.
  bool told() const noexcept { return ossbind_receipt_told(raw_.get()) != 0; }
  /// When it ended, in seconds since 1970; 0 if the clock was not set.
  std::uint64_t ended_unix_s() const noexcept { return ossbind_receipt_ended_unix_s(raw_.get()); }
  /// What the application server answered to the callback, the first 64 KiB, byte for byte.
  std::string callback_answer() const {
    std::size_t length = 0;
    const std::uint8_t *answer = ossbind_receipt_callback_answer(raw_.get(), &length);
    return answer ? std::string(reinterpret_cast<const char *>(answer), length) : std::string();
  }
  /// Names and values of the variables of the callback.
  string_pairs variables() const { return detail::copy(raw_.get(), &ossbind_receipt_variable_at); }

  /// The C receipt, which belongs to this object; NULL without a receipt.
  const ossbind_receipt *c_ptr() const &noexcept { return raw_.get(); }
  const ossbind_receipt *c_ptr() && = delete;

private:
  detail::handle<ossbind_receipt> raw_;
};

/// How a call of an outbox ended. The outcome of an item is a receipt instead.
struct
#if __cplusplus >= 201703L
    [[nodiscard]]
#endif
    outbox_outcome {
  /// What happened.
  ossbind::status::type status = ossbind::status::internal;
  /// Why: there whenever the status is not OK.
  ossbind::failure error;

  /// Whether the call did what it says.
  bool ok() const noexcept { return status == ossbind::status::ok; }
};

/// How a call of an outbox ended that gives a value.
template <class Value>
struct
#if __cplusplus >= 201703L
    [[nodiscard]]
#endif
    outbox_result : outbox_outcome {
  /// What it gives; its default unless the call is ok().
  Value value = Value();
};

namespace detail {

/// What C borrows for one call. Remembers the first fault that C would not see.
class c_arguments {
public:
  c_arguments() = default;
  c_arguments(const c_arguments &) = delete;
  c_arguments &operator=(const c_arguments &) = delete;

  /// Why the call cannot be made.
  const failure &fault() const noexcept { return fault_; }

  const char *get(const std::string &field, const text &value) {
    const std::size_t nul = value.value().find('\0');
    if (nul != std::string::npos)
      refuse(field, nul,
             "has a NUL at byte " + std::to_string(nul) +
                 ", and nothing behind it would be used; remove it");
    return value.is_set() ? value.value().c_str() : nullptr;
  }

  /// NULL when there is no callback.
  const ossbind_callback *get(const callback &from) {
    return from.is_set() ? convert(from) : nullptr;
  }

  const ossbind_callback *convert(const callback &from) {
    ossbind_callback &to = callback_;
    ossbind_callback_init(&to);
    if (from.url_.is_set() || !from.fallback_urls_.empty())
      callback_url_ = text(from.url_.value() + from.fallback_urls_);
    to.url = get("callback.url", callback_url_);
    set("callback.url_query", from.url_query_, to.url_query, to.url_query_count);
    to.host = get("callback.host", from.host_);
    to.body = get("callback.body", from.body_);
    set("callback.body_fields", from.body_fields_, to.body_fields, to.body_field_count);
    set("callback.variables", from.variables_, to.variables, to.variable_count);
    to.parameter = get("callback.parameter", from.parameter_);
    to.variables_parameter = get("callback.variables_parameter", from.variables_parameter_);
    to.body_type = from.body_type_;
    to.sni = from.sni_;
    to.flags = flag(from.relaxed_, OSSBIND_CALLBACK_RELAXED);
    return &to;
  }

  const ossbind_tls_config *convert(const tls_config &from) {
    ossbind_tls_config &to = tls_;
    ossbind_tls_config_init(&to);
    to.ca_file = get("tls.ca_file", from.ca_file);
    to.ca_dir = get("tls.ca_dir", from.ca_dir);
    to.ca_pem = get("tls.ca_pem", from.ca_pem);
    set("tls.pins", from.pins, to.pins, to.pin_count);
    to.client_certificate_file = get("tls.client_certificate_file", from.client_certificate_file);
    to.client_key_file = get("tls.client_key_file", from.client_key_file);
    to.client_certificate_pem = get("tls.client_certificate_pem", from.client_certificate_pem);
    to.client_key_pem = get("tls.client_key_pem", from.client_key_pem);
    to.handshake_timeout_ms = count(from.handshake_timeout);
    to.flags = flag(from.danger_accept_any_certificate, OSSBIND_TLS_DANGER_ACCEPT_ANY_CERTIFICATE);
    return &to;
  }

  const ossbind_encoded_callback *get(const encoded_callback &from) {
    if (!fault_)
      fault_ = from.error;
    return from.raw_.get();
  }

  /// Sets a list of C and its length.
  void set(const std::string &field, const pairs &from, const ossbind_pair *&list,
           std::size_t &count) {
    std::vector<ossbind_pair> made;
    for (const std::pair<text, text> &pair : from) {
      const std::string element = field + "[" + std::to_string(made.size()) + "]";
      const char *name = get(element + ".name", pair.first);
      made.push_back(ossbind_pair{name, get(element + ".value", pair.second)});
    }
    keep(pairs_, std::move(made), list, count);
  }

  void set(const std::string &field, const std::vector<text> &from, const char *const *&list,
           std::size_t &count) {
    std::vector<const char *> made;
    for (const text &value : from)
      made.push_back(get(field + "[" + std::to_string(made.size()) + "]", value));
    keep(texts_, std::move(made), list, count);
  }

  /// Sets the members of the body that uploads and questions share.
  template <class Request> void set(const body &from, Request &to) {
    if (from.is_bad_stream_)
      refuse("body", SIZE_MAX, "the stream is not good, perhaps because its file is missing");
    to.body = from.kind_;
    to.data = from.length_ ? from.data() : nullptr; // C takes no data of no length
    to.data_len = from.length_;
    to.file_path = get("file_path", from.path_);
  }

  static std::uint32_t flag(bool on, std::uint32_t bit) noexcept { return on ? bit : 0u; }

  /// The count of a duration. None is less than 1 but the default.
  template <class Duration> static std::uint32_t count(Duration duration) noexcept {
    const std::int64_t units = duration.count();
    return units < 0 ? 1u : static_cast<std::uint32_t>(units < UINT32_MAX ? units : UINT32_MAX);
  }

private:
  void refuse(const std::string &field, std::size_t offset, const std::string &why) {
    if (!fault_)
      fault_ = failure(
          std::make_shared<const detail::fault>(detail::fault{field, offset, field + ": " + why}));
  }

  /// Vectors that move keep their elements where they are.
  template <class Element, class List>
  static void keep(std::vector<std::vector<Element>> &lists, std::vector<Element> &&made,
                   List &list, std::size_t &count) {
    count = made.size();
    list = made.empty() ? nullptr : made.data();
    lists.push_back(std::move(made));
  }

  std::vector<std::vector<ossbind_pair>> pairs_;
  std::vector<std::vector<const char *>> texts_;
  ossbind_callback callback_;
  ossbind_tls_config tls_;
  text callback_url_;
  failure fault_;
};

/// A config as C takes it, with its groups.
class c_config {
public:
  explicit c_config(const config &from) {
    ossbind_client_config_init(&raw);
    raw.tls = arguments.convert(from.tls);
    set_credentials(from.credentials);
    raw.endpoint = arguments.get("endpoint", from.endpoint);
    raw.region = arguments.get("region", from.region);
    raw.access_key_id = arguments.get("access_key_id", from.access_key_id);
    raw.access_key_secret = arguments.get("access_key_secret", from.access_key_secret);
    raw.security_token = arguments.get("security_token", from.security_token);
    raw.signature_version = from.signature_version;
    raw.flags = c_arguments::flag(from.plain_http, OSSBIND_CLIENT_PLAIN_HTTP) |
                c_arguments::flag(from.path_style, OSSBIND_CLIENT_PATH_STYLE) |
                c_arguments::flag(from.cname, OSSBIND_CLIENT_CNAME) |
                c_arguments::flag(from.internal, OSSBIND_CLIENT_INTERNAL) |
                c_arguments::flag(from.dual_stack, OSSBIND_CLIENT_DUAL_STACK) |
                c_arguments::flag(from.accelerate, OSSBIND_CLIENT_ACCELERATE) |
                c_arguments::flag(from.no_crc64, OSSBIND_CLIENT_NO_CRC64) |
                c_arguments::flag(from.no_keys, OSSBIND_CLIENT_NO_KEYS) |
                c_arguments::flag(from.keep_clock, OSSBIND_CLIENT_KEEP_CLOCK);
    raw.user_agent = arguments.get("user_agent", from.user_agent);
    raw.network_proxy = arguments.get("network_proxy", from.network_proxy);
    raw.network_no_proxy = arguments.get("network_no_proxy", from.network_no_proxy);
    raw.network_source = arguments.get("network_source", from.network_source);
    raw.network_low_speed_bytes_per_s = from.network_low_speed_bytes_per_s;
    raw.network_rate_limit_bytes_per_s = from.network_rate_limit_bytes_per_s;
    raw.network_connect_timeout_ms = c_arguments::count(from.network_connect_timeout);
    raw.network_idle_timeout_ms = c_arguments::count(from.network_idle_timeout);
    raw.network_keep_alive_ms = c_arguments::count(from.network_keep_alive);
    raw.network_tcp_user_timeout_ms = c_arguments::count(from.network_tcp_user_timeout);
    raw.network_low_speed_window_ms = c_arguments::count(from.network_low_speed_window);
    raw.retry_attempts = from.retry_attempts;
    raw.retry_base_ms = c_arguments::count(from.retry_base);
    raw.retry_max_ms = c_arguments::count(from.retry_max);
    raw.clock_limit_s = c_arguments::count(from.clock_limit);
    raw.log_level = from.log_level;
  }

  c_arguments arguments;
  ossbind_client_config raw;
  ossbind_credentials_config credentials;

private:
  void set_credentials(const credentials_config &from) {
    ossbind_credentials_config_init(&credentials);
    credentials.kind = from.function ? OSSBIND_CREDENTIALS_KIND_FUNCTION : from.kind;
    credentials.argument = arguments.get("credentials.argument", from.argument);
    credentials.file = arguments.get("credentials.file", from.file);
    raw.credentials = &credentials;
  }
};

inline upload_outcome refused(failure error) {
  upload_outcome outcome;
  outcome.status = error.status();
  outcome.error = std::move(error);
  return outcome;
}

/// What a function of the C library gives that takes a result and an error.
template <class Function>
upload_outcome outcome_of(const c_arguments &arguments, Function function) {
  if (arguments.fault())
    return refused(arguments.fault());
  ossbind_upload_result *result = nullptr;
  ossbind_error *error = nullptr;
  upload_outcome outcome;
  outcome.status = status::type(function(&result, &error));
  outcome.result = upload_result(result);
  outcome.error = failure(error);
  return outcome;
}

/// An upload of the C library: the request as C takes it, and the functions that C calls.
class upload_call {
public:
  explicit upload_call(const upload_request &from) : request_(from) {
    ossbind_upload_request_init(&raw_);
    raw_.bucket = arguments_.get("bucket", from.bucket);
    raw_.key = arguments_.get("key", from.key);
    raw_.bundle = arguments_.get("bundle", from.bundle);
    raw_.url = arguments_.get("url", from.url);
    arguments_.set("form_fields", from.form_fields, raw_.form_fields, raw_.form_field_count);
    arguments_.set(from.body, raw_);
    raw_.flags = c_arguments::flag(from.body.has_length_, OSSBIND_UPLOAD_HAS_CONTENT_LENGTH) |
                 c_arguments::flag(from.compute_content_md5, OSSBIND_UPLOAD_CONTENT_MD5) |
                 c_arguments::flag(from.forbid_overwrite, OSSBIND_UPLOAD_FORBID_OVERWRITE) |
                 c_arguments::flag(from.once, OSSBIND_UPLOAD_ONCE) |
                 c_arguments::flag(from.requester_pays, OSSBIND_UPLOAD_REQUESTER_PAYS) |
                 c_arguments::flag(from.require_checkpoint, OSSBIND_UPLOAD_REQUIRE_CHECKPOINT) |
                 c_arguments::flag(from.form, OSSBIND_UPLOAD_FORM);
    raw_.read = from.body.read_ ? &upload_call::read : nullptr;
    raw_.rewind = from.body.rewind_ ? &upload_call::rewind : nullptr;
    raw_.body_userdata = this;
    raw_.content_length = from.body.stream_length_;
    raw_.content_md5 = arguments_.get("content_md5", from.content_md5);
    set_properties();
    raw_.progress = from.progress ? &upload_call::progress : nullptr;
    raw_.progress_userdata = this;
    raw_.checkpoint_dir = arguments_.get("checkpoint_dir", from.checkpoint_dir);
    raw_.cancel = from.cancel ? from.cancel->c_ptr() : nullptr;
    raw_.multipart_threshold = from.multipart_threshold;
    raw_.part_size = from.part_size;
    raw_.rate_limit_bytes_per_s = from.rate_limit_bytes_per_s;
    raw_.traffic_limit_bits_per_s = from.traffic_limit_bits_per_s;
    raw_.parallel = from.parallel;
    raw_.timeout_ms = c_arguments::count(from.timeout);
  }

  /// `function` is an upload function of the C library but for its first argument.
  template <class Function> upload_outcome run(Function function) {
    upload_outcome outcome =
        outcome_of(arguments_, [&](ossbind_upload_result **result, ossbind_error **error) {
          return function(&raw_, result, error);
        });
#if OSSBIND_EXCEPTIONS
    if (thrown_)
      std::rethrow_exception(thrown_);
#endif
    return outcome;
  }

  c_arguments &arguments() noexcept { return arguments_; }
  const ossbind_upload_request *c_ptr() const noexcept { return &raw_; }

private:
  void set_properties() {
    const upload_request &from = request_;
    raw_.content_type = arguments_.get("content_type", from.content_type);
    arguments_.set("metadata", from.metadata, raw_.metadata, raw_.metadata_count);
    arguments_.set("headers", from.headers, raw_.headers, raw_.header_count);
    raw_.storage_class = arguments_.get("storage_class", from.storage_class);
    raw_.acl = arguments_.get("acl", from.acl);
    raw_.callback = arguments_.get(from.callback);
    raw_.encoded_callback = arguments_.get(from.encoded_callback);
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
  /// run() throws them again.
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

  const upload_request &request_;
  c_arguments arguments_;
  ossbind_upload_request raw_;
#if OSSBIND_EXCEPTIONS
  std::exception_ptr thrown_;
#endif
};

inline upload_outcome find(const ossbind_client *client, const find_request &from) {
  c_arguments arguments;
  ossbind_find_request to;
  ossbind_find_request_init(&to);
  to.bucket = arguments.get("bucket", from.bucket);
  to.key = arguments.get("key", from.key);
  arguments.set(from.body, to);
  to.doubt_age_ms = c_arguments::count(from.doubt_age);
  to.cancel = from.cancel ? from.cancel->c_ptr() : nullptr;
  to.timeout_ms = c_arguments::count(from.timeout);
  to.flags = c_arguments::flag(from.requester_pays, OSSBIND_FIND_REQUESTER_PAYS);
  return outcome_of(arguments, [&](ossbind_upload_result **result, ossbind_error **error) {
    return ossbind_client_find(client, &to, result, error);
  });
}

/// Signs with a function of the C library.
template <class Request>
signed_result sign(const c_arguments &arguments, const ossbind_client *client,
                   const Request &request,
                   ossbind_status (*function)(const ossbind_client *, const Request *,
                                              ossbind_signed **, ossbind_error **)) {
  signed_result made;
  made.error = arguments.fault();
  if (made.error)
    return made;
  ossbind_signed *raw = nullptr;
  ossbind_error *error = nullptr;
  const ossbind_status status = function(client, &request, &raw, &error);
  const handle<ossbind_signed> owner(raw);
  made.error = failure(error);
  if (status != OSSBIND_STATUS_OK)
    return made;
  made.method = copy(ossbind_signed_method(raw));
  made.url = copy(ossbind_signed_url(raw));
  made.pairs = copy(raw, &ossbind_signed_pair_at);
  made.expires_at = ossbind_signed_expires_at(raw);
  made.bundle = copy(ossbind_signed_bundle(raw));
  return made;
}

inline signed_result sign(const ossbind_client *client, const sign_url_request &from) {
  c_arguments arguments;
  ossbind_sign_url_request to;
  ossbind_sign_url_request_init(&to);
  to.bucket = arguments.get("bucket", from.bucket);
  to.key = arguments.get("key", from.key);
  to.operation = from.operation;
  to.flags = c_arguments::flag(from.callback_in_headers, OSSBIND_SIGN_URL_CALLBACK_IN_HEADERS) |
             c_arguments::flag(from.forbid_overwrite, OSSBIND_SIGN_URL_FORBID_OVERWRITE) |
             c_arguments::flag(from.requester_pays, OSSBIND_SIGN_URL_REQUESTER_PAYS);
  to.expires_in_s = c_arguments::count(from.expires_in);
  to.part_number = from.part_number;
  to.upload_id = arguments.get("upload_id", from.upload_id);
  to.content_type = arguments.get("content_type", from.content_type);
  to.content_md5 = arguments.get("content_md5", from.content_md5);
  arguments.set("metadata", from.metadata, to.metadata, to.metadata_count);
  arguments.set("headers", from.headers, to.headers, to.header_count);
  arguments.set("additional_headers", from.additional_headers, to.additional_headers,
                to.additional_header_count);
  arguments.set("query", from.query, to.query, to.query_count);
  to.storage_class = arguments.get("storage_class", from.storage_class);
  to.acl = arguments.get("acl", from.acl);
  to.callback = arguments.get(from.callback);
  return sign(arguments, client, to, &ossbind_client_sign_url);
}

inline signed_result sign(const ossbind_client *client, const sign_headers_request &from) {
  c_arguments arguments;
  ossbind_sign_headers_request to;
  ossbind_sign_headers_request_init(&to);
  to.method = arguments.get("method", from.method);
  to.bucket = arguments.get("bucket", from.bucket);
  to.key = arguments.get("key", from.key);
  arguments.set("query", from.query, to.query, to.query_count);
  arguments.set("headers", from.headers, to.headers, to.header_count);
  arguments.set("additional_headers", from.additional_headers, to.additional_headers,
                to.additional_header_count);
  return sign(arguments, client, to, &ossbind_client_sign_headers);
}

inline signed_result sign(const ossbind_client *client, const sign_form_request &from) {
  c_arguments arguments;
  ossbind_sign_form_request to;
  ossbind_sign_form_request_init(&to);
  to.bucket = arguments.get("bucket", from.bucket);
  to.key = arguments.get("key", from.key);
  to.key_prefix = arguments.get("key_prefix", from.key_prefix);
  to.expires_in_s = c_arguments::count(from.expires_in);
  to.flags = c_arguments::flag(from.forbid_overwrite, OSSBIND_SIGN_FORM_FORBID_OVERWRITE);
  to.min_size = from.min_size;
  to.max_size = from.max_size;
  arguments.set("content_types", from.content_types, to.content_types, to.content_type_count);
  to.callback = arguments.get(from.callback);
  arguments.set("fields", from.fields, to.fields, to.field_count);
  to.conditions = arguments.get("conditions", from.conditions);
  return sign(arguments, client, to, &ossbind_client_sign_form);
}

/// An item for ossbind_outbox_each(), whose frames no exception must reach.
template <class Function> class item_call {
public:
  explicit item_call(Function &function) noexcept : function_(function) {}

  static std::int32_t item(void *self, const ossbind_outbox_item *from) noexcept {
    item_call &call = *static_cast<item_call *>(self);
#if OSSBIND_EXCEPTIONS
    try {
      return call.tell(*from, is_void()) ? 0 : 1;
    } catch (...) {
      call.thrown_ = std::current_exception();
      return 1;
    }
#else
    return call.tell(*from, is_void()) ? 0 : 1;
#endif
  }

  void throw_again() const {
#if OSSBIND_EXCEPTIONS
    if (thrown_)
      std::rethrow_exception(thrown_);
#endif
  }

private:
  using is_void = std::is_void<decltype(std::declval<Function &>()(std::declval<outbox_item>()))>;

  bool tell(const ossbind_outbox_item &from, std::false_type) {
    return function_(outbox_item(from));
  }
  bool tell(const ossbind_outbox_item &from, std::true_type) {
    function_(outbox_item(from));
    return true;
  }

  Function &function_;
#if OSSBIND_EXCEPTIONS
  std::exception_ptr thrown_;
#endif
};

#if OSSBIND_EXCEPTIONS
inline upload_result result_or_throw(upload_outcome outcome) {
  if (!outcome.ok())
    throw upload_exception(std::move(outcome));
  return std::move(outcome.result);
}
#endif

} // namespace detail

inline encoded_callback callback::encode() const {
  encoded_callback made;
  detail::c_arguments arguments;
  const ossbind_callback *c = arguments.convert(*this);
  made.error = arguments.fault();
  if (made.error)
    return made;
  ossbind_encoded_callback *raw = nullptr;
  ossbind_error *error = nullptr;
  const ossbind_status status = ossbind_callback_encode(c, &raw, &error);
  made.error = failure(error);
  if (status != OSSBIND_STATUS_OK)
    return made;
  made.raw_.reset(raw, detail::deleter());
  made.header = detail::copy(ossbind_encoded_callback_header(raw));
  made.variables_header = detail::copy(ossbind_encoded_callback_variables_header(raw));
  return made;
}

namespace detail {

inline callback_problem copy(const ossbind_callback_problem &from) {
  callback_problem made;
  made.severity = static_cast<severity::type>(from.severity);
  made.field = copy(from.field);
  made.offset = from.offset;
  made.rule = copy(from.rule);
  made.cure = copy(from.cure);
  made.ec = copy(from.ec);
  made.message = copy(from.message);
  return made;
}

inline ossbind_object_facts convert(const object_facts &from, c_arguments &arguments) {
  ossbind_object_facts to;
  ossbind_object_facts_init(&to);
  to.bucket = arguments.get("facts.bucket", from.bucket);
  to.key = arguments.get("facts.key", from.key);
  to.etag = arguments.get("facts.etag", from.etag);
  to.size = from.size;
  to.content_type = arguments.get("facts.content_type", from.content_type);
  to.image_format = arguments.get("facts.image_format", from.image_format);
  to.image_width = from.image_width;
  to.image_height = from.image_height;
  to.crc64 = from.crc64;
  to.content_md5 = arguments.get("facts.content_md5", from.content_md5);
  to.vpc_id = arguments.get("facts.vpc_id", from.vpc_id);
  to.client_ip = arguments.get("facts.client_ip", from.client_ip);
  to.request_id = arguments.get("facts.request_id", from.request_id);
  to.operation = arguments.get("facts.operation", from.operation);
  return to;
}

} // namespace detail

inline callback_problems callback::check() const {
  callback_problems made;
  detail::c_arguments arguments;
  const ossbind_callback *c = arguments.convert(*this);
  made.error = arguments.fault();
  if (made.error)
    return made;
  ossbind_callback_problems *raw = nullptr;
  ossbind_error *error = nullptr;
  if (ossbind_callback_check(c, &raw, &error) != OSSBIND_STATUS_OK)
    made.error = failure(error);
  const detail::handle<ossbind_callback_problems> problems(raw);
  const ossbind_callback_problem *problem = nullptr;
  while (ossbind_callback_problems_at(raw, made.list.size(), &problem))
    made.list.push_back(detail::copy(*problem));
  return made;
}

inline rendered_callback callback::render(const object_facts &facts) const {
  rendered_callback made;
  detail::c_arguments arguments;
  const ossbind_callback *c = arguments.convert(*this);
  const ossbind_object_facts c_facts = detail::convert(facts, arguments);
  made.error = arguments.fault();
  if (made.error)
    return made;
  ossbind_rendered_callback *raw = nullptr;
  ossbind_error *error = nullptr;
  if (ossbind_callback_render(c, &c_facts, &raw, &error) != OSSBIND_STATUS_OK) {
    made.error = failure(error);
    return made;
  }
  const detail::handle<ossbind_rendered_callback> rendered(raw);
  std::size_t length = 0;
  const std::uint8_t *body = ossbind_rendered_callback_body(raw, &length);
  made.body.assign(reinterpret_cast<const char *>(body), length);
  made.content_type = detail::copy(ossbind_rendered_callback_content_type(raw));
  return made;
}

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
    return error_ ? detail::refused(error_) : detail::find(raw_.get(), request);
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
    return made.error ? made : detail::sign(raw_.get(), request);
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
    detail::c_arguments arguments;
    const char *id = arguments.get("access_key_id", keys.access_key_id);
    const char *secret = arguments.get("access_key_secret", keys.access_key_secret);
    const char *token = arguments.get("security_token", keys.security_token);
    if (arguments.fault()) {
      ossbind_credentials_sink_fail(sink, arguments.fault().message().c_str());
      return 1;
    }
    return ossbind_credentials_sink_set(sink, id, secret, token,
                                        detail::c_arguments::count(keys.lifetime));
  }

  static void free_credentials(void *function) noexcept {
    delete static_cast<credentials_function *>(function);
  }

  using log_function = std::function<void(ossbind_log_level, const std::string &)>;

  failure init(const config &from) {
    detail::c_config c(from);
    if (c.arguments.fault())
      return c.arguments.fault();
    if (from.log) {
      log_ = std::make_shared<log_function>(from.log);
      c.raw.log = &client::log;
      c.raw.log_userdata = log_.get();
    }
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

/// Uploads that are kept in a folder until they are made, each of which leaves a receipt
/// (docs/outbox.md). Any number of threads may use one outbox. Move-only; one that goes away stops
/// its threads, and what is durable stays.
class outbox {
public:
  /// No outbox; its calls are refused.
  outbox() = default;
  outbox(outbox &&) = default;
  outbox &operator=(outbox &&other) noexcept {
    raw_ = std::move(other.raw_); // Before the client, whose log function its threads call.
    client_ = std::move(other.client_);
    error_ = std::move(other.error_);
    return *this;
  }

  /// Opens an outbox, or makes it. One that could not be opened is empty, keeps the reason, and
  /// gives it from error() and from every call. Any thread.
  static outbox open(const outbox_config &from) {
    outbox made;
    made.error_ = made.init(from);
    return made;
  }

#if OSSBIND_EXCEPTIONS
  /// Opens an outbox, or throws ossbind::upload_exception.
  static outbox open_or_throw(const outbox_config &from) {
    outbox made = open(from);
    if (!made)
      throw upload_exception(detail::refused(made.error_));
    return made;
  }
#endif

  /// Whether there is an outbox.
  explicit operator bool() const noexcept { return static_cast<bool>(raw_); }

  /// Why the outbox could not be opened.
  failure error() const noexcept { return error_; }

  /// Takes an upload of memory or of a file, and gives the id of the item. Once it is ok() the item
  /// is durable, unless it is for later. Any thread.
  outbox_result<std::uint64_t> add(const upload_request &request,
                                   const outbox_options &options = outbox_options()) const {
    detail::upload_call call(request);
    ossbind_outbox_options to;
    ossbind_outbox_options_init(&to);
    to.keep = options.keep;
    to.flags = detail::c_arguments::flag(options.unmetered, OSSBIND_OUTBOX_ADD_UNMETERED) |
               detail::c_arguments::flag(options.overwrite, OSSBIND_OUTBOX_ADD_OVERWRITE) |
               detail::c_arguments::flag(options.held, OSSBIND_OUTBOX_ADD_HELD) |
               detail::c_arguments::flag(options.later, OSSBIND_OUTBOX_ADD_LATER) |
               detail::c_arguments::flag(options.at_once, OSSBIND_OUTBOX_ADD_AT_ONCE);
    to.caller_id = call.arguments().get("options.caller_id", options.caller_id);
    to.order = call.arguments().get("options.order", options.order);
    to.priority = options.priority;
    to.max_attempts = options.max_attempts;
    to.delay_s = detail::c_arguments::count(options.delay);
    to.lifetime_s = detail::c_arguments::count(options.lifetime);
    outbox_result<std::uint64_t> made;
    if (call.arguments().fault())
      refuse(made, call.arguments().fault());
    else
      set(made, [&](const ossbind_outbox *box, ossbind_error **error) {
        return ossbind_outbox_add(box, call.c_ptr(), &to, &made.value, error);
      });
    return made;
  }

  /// Makes durable what was added for later. Any thread.
  outbox_outcome commit() const {
    return call([](const ossbind_outbox *box, ossbind_error **error) {
      return ossbind_outbox_commit(box, error);
    });
  }

  /// Sends on this thread, until what `until` says has come, `timeout` has passed (0: no limit), or
  /// `cancel` ends it (borrowed for the call; NULL: nothing does).
  outbox_outcome run(outbox_run::type until = outbox_run::for_good,
                     std::chrono::milliseconds timeout = std::chrono::milliseconds(0),
                     const cancel_source *cancel = nullptr) const {
    return call([&](const ossbind_outbox *box, ossbind_error **error) {
      return ossbind_outbox_run(box, until, detail::c_arguments::count(timeout),
                                cancel ? cancel->c_ptr() : nullptr, error);
    });
  }

  /// Sends on threads of the library until stop(), or until this object goes away. Any thread.
  outbox_outcome start(std::uint32_t threads = 1) const {
    return call([&](const ossbind_outbox *box, ossbind_error **error) {
      return ossbind_outbox_start(box, threads, error);
    });
  }

  /// Stops these threads, and waits for them. Any thread but these.
  void stop() const noexcept { ossbind_outbox_stop(raw_.get()); }

  /// Gives the next receipt, or an empty one when there is none now. Act on it, then acknowledge
  /// it. Any thread.
  outbox_result<receipt> next_receipt() const {
    outbox_result<receipt> made;
    set(made, [&](const ossbind_outbox *box, ossbind_error **error) {
      ossbind_receipt *raw = nullptr;
      const ossbind_status status = ossbind_outbox_next_receipt(box, &raw, error);
      made.value = receipt(raw);
      return status;
    });
    return made;
  }

  /// Removes the receipt of an item, and keeps a refused item as a dead one. Any thread.
  outbox_outcome acknowledge(std::uint64_t id) const {
    return call_with(id, &ossbind_outbox_acknowledge);
  }

  /// A descriptor that poll() finds readable when next_receipt() may have one; -1 without. Neither
  /// read from it nor close it.
  int receipt_fd() const noexcept { return ossbind_outbox_receipt_fd(raw_.get()); }

  /// Calls `function` with each item, as an outbox_item. One that returns nothing, or true to go on;
  /// false ends the list, and so does an exception, which leaves this function. Any thread.
  template <class Function> outbox_outcome each(Function &&function) const {
    using call_type = detail::item_call<typename std::remove_reference<Function>::type>;
    call_type with(function);
    outbox_outcome made = call([&](const ossbind_outbox *box, ossbind_error **error) {
      return ossbind_outbox_each(box, &call_type::item, &with, error);
    });
    with.throw_again();
    return made;
  }

  /// All items, in the order of each(). Any thread.
  outbox_result<std::vector<outbox_item>> items() const {
    outbox_result<std::vector<outbox_item>> made;
    static_cast<outbox_outcome &>(made) =
        each([&](outbox_item item) { made.value.push_back(std::move(item)); });
    return made;
  }

  /// One item; the status is NOT_FOUND when there is none. Any thread.
  outbox_result<outbox_item> find_item(std::uint64_t id) const {
    outbox_result<outbox_item> made;
    auto take = [&](outbox_item item) { made.value = std::move(item); };
    using call_type = detail::item_call<decltype(take)>;
    call_type with(take);
    set(made, [&](const ossbind_outbox *box, ossbind_error **error) {
      return ossbind_outbox_find_item(box, id, &call_type::item, &with, error);
    });
    with.throw_again();
    return made;
  }

  /// The receipt of one item, also after next_receipt() has given it, or an empty one; the status is
  /// NOT_FOUND when there is none. Any thread.
  outbox_result<receipt> find_receipt(std::uint64_t id) const {
    outbox_result<receipt> made;
    set(made, [&](const ossbind_outbox *box, ossbind_error **error) {
      ossbind_receipt *raw = nullptr;
      const ossbind_status status = ossbind_outbox_find_receipt(box, id, &raw, error);
      made.value = receipt(raw);
      return status;
    });
    return made;
  }

  /// How full it is. Any thread.
  outbox_result<ossbind_outbox_stats> stats() const {
    outbox_result<ossbind_outbox_stats> made;
    ossbind_outbox_stats_init(&made.value);
    set(made, [&](const ossbind_outbox *box, ossbind_error **error) {
      return ossbind_outbox_get_stats(box, &made.value, error);
    });
    return made;
  }

  /// Removes an item that is not being sent, without a receipt. Any thread.
  outbox_outcome remove(std::uint64_t id) const { return call_with(id, &ossbind_outbox_remove); }

  /// Keeps an item from being sent until release(). Any thread.
  outbox_outcome hold(std::uint64_t id) const { return call_with(id, &ossbind_outbox_hold); }

  /// Lets an item be sent that is held. Any thread.
  outbox_outcome release(std::uint64_t id) const { return call_with(id, &ossbind_outbox_release); }

  /// Ends the pauses between attempts: of all items, or of one, which may be a dead one. Any thread.
  outbox_outcome retry_now(std::uint64_t id = 0) const {
    return call_with(id, &ossbind_outbox_retry_now);
  }

  /// Gives an item another bundle, in place of acknowledge() when its receipt says expired. Any thread.
  outbox_outcome renew(std::uint64_t id, const text &bundle) const {
    detail::c_arguments arguments;
    const char *given = arguments.get("bundle", bundle);
    outbox_outcome made;
    if (arguments.fault())
      refuse(made, arguments.fault());
    else
      set(made, [&](const ossbind_outbox *box, ossbind_error **error) {
        return ossbind_outbox_renew(box, id, given, error);
      });
    return made;
  }

  /// Tells it what the program knows of the network. Any thread.
  outbox_outcome set_network(bool is_up, bool is_metered = false) const {
    return call([&](const ossbind_outbox *box, ossbind_error **error) {
      return ossbind_outbox_set_network(box, is_up ? 1 : 0, is_metered ? 1 : 0, error);
    });
  }

  /// The C outbox, which belongs to this object; NULL without an outbox.
  const ossbind_outbox *c_ptr() const &noexcept { return raw_.get(); }
  const ossbind_outbox *c_ptr() && = delete;

private:
  failure init(const outbox_config &from) {
    if (from.client && from.client->error())
      return from.client->error();
    detail::c_arguments arguments;
    ossbind_outbox_config to;
    ossbind_outbox_config_init(&to);
    to.folder = arguments.get("folder", from.folder);
    to.client = from.client ? from.client->c_ptr() : nullptr;
    to.flags = detail::c_arguments::flag(from.newest_first, OSSBIND_OUTBOX_NEWEST_FIRST);
    to.when_full = from.when_full;
    to.max_items = from.max_items;
    to.max_bytes = from.max_bytes;
    to.min_free_bytes = from.min_free_bytes;
    to.min_free_inodes = from.min_free_inodes;
    to.max_age_s = detail::c_arguments::count(from.max_age);
    to.retry_min_ms = detail::c_arguments::count(from.retry_min);
    to.retry_max_ms = detail::c_arguments::count(from.retry_max);
    to.tell_max_age_s = detail::c_arguments::count(from.tell_max_age);
    to.tell_url = arguments.get("tell_url", from.tell_url);
    to.tell_key_len = from.tell_key.size();
    if (!from.tell_key.empty())
      to.tell_key = reinterpret_cast<const std::uint8_t *>(from.tell_key.data());
    if (arguments.fault())
      return arguments.fault();
    if (from.client)
      client_ = from.client->ref();
    ossbind_outbox *raw = nullptr;
    ossbind_error *error = nullptr;
    if (ossbind_outbox_open(&to, &raw, &error) == OSSBIND_STATUS_OK)
      raw_.reset(raw);
    return failure(error);
  }

  static void refuse(outbox_outcome &outcome, const failure &why) {
    outcome.status = why.status();
    outcome.error = why;
  }

  template <class Function> void set(outbox_outcome &outcome, Function function) const {
    if (error_)
      return refuse(outcome, error_);
    ossbind_error *error = nullptr;
    outcome.status = status::type(function(raw_.get(), &error));
    outcome.error = failure(error);
  }

  template <class Function> outbox_outcome call(Function function) const {
    outbox_outcome made;
    set(made, function);
    return made;
  }

  outbox_outcome call_with(std::uint64_t id,
                           ossbind_status (*function)(const ossbind_outbox *, std::uint64_t,
                                                      ossbind_error **)) const {
    return call(
        [&](const ossbind_outbox *box, ossbind_error **error) { return function(box, id, error); });
  }

  /// Has the log function, which the threads of the C outbox call.
  client client_;
  detail::handle<ossbind_outbox> raw_;
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
    of_call.credentials = credentials_config();
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

  /// Adds or replaces a variable. False, and nothing added, when `key` is not "x:" and a name of
  /// lowercase letters, digits, '_', '-' and '.': OSS would refuse the upload.
  bool addCallbackVariable(const std::string &key, const std::string &value) {
    const char *allowed = "abcdefghijklmnopqrstuvwxyz0123456789_-.";
    if (key.compare(0, 2, "x:") != 0 || key.size() == 2 ||
        key.find_first_not_of(allowed, 2) != std::string::npos)
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
