// The types of the program: what each standard has is taken for texts, lists, bodies and times.
#include "check.hpp"

#include <array>
#include <cstring>
#include <fstream>
#include <map>
#include <sstream>

#ifdef __cpp_lib_filesystem
#include <filesystem>
#endif
#ifdef __cpp_lib_span
#include <span>
#endif

namespace {

const char *const BUCKET = "examplebucket";
const char *const HELLO = "hello world";

void check_stored(const char *key, ossbind::body body) {
  const ossbind::upload_request request(BUCKET, key, std::move(body));
  const ossbind::upload_outcome outcome = ossbind::upload(request);
  CHECK_EQ(outcome.error.message(), "");
  CHECK(outcome.ok());
}

void bodies() {
  const std::vector<std::uint8_t> bytes(HELLO, HELLO + 11);
  check_stored("vector", ossbind::body::memory(bytes));
  check_stored("vector kept", ossbind::body::memory(std::vector<std::uint8_t>(bytes)));
  const std::array<char, 11> array = {{'h', 'e', 'l', 'l', 'o', ' ', 'w', 'o', 'r', 'l', 'd'}};
  check_stored("array", ossbind::body::memory(array));
#ifdef __cpp_lib_string_view
  check_stored("string_view", ossbind::body::memory(std::string_view(HELLO)));
#endif
#ifdef __cpp_lib_span
  check_stored("span", ossbind::body::memory(std::span<const std::uint8_t>(bytes)));
  check_stored("bytes", ossbind::body::memory(std::as_bytes(std::span(bytes))));
#endif
}

void streams(const char *path) {
  std::ofstream(path) << "not this: " << HELLO;
  std::ifstream file(path, std::ios::binary);
  file.seekg(10);
  ossbind::upload_request request(BUCKET, "istream", ossbind::body::stream(file));
  request.compute_content_md5 = true; // reads it twice
  CHECK(ossbind::upload(request).ok());
  std::istringstream text(HELLO);
  check_stored("istringstream", ossbind::body::stream(text));

  // What is at its end was good until it was read: it is empty.
  text.clear();
  check_stored("empty", ossbind::body::stream(text));

  // A missing file is not an empty one.
  std::ifstream missing("/no/such");
  request.body = ossbind::body::stream(missing);
  const ossbind::failure error = ossbind::upload(request).error;
  check_refused(error, OSSBIND_STATUS_INVALID_ARGUMENT, "body", "not good");
  CHECK_EQ(error.advice(), OSSBIND_ADVICE_FIX_REQUEST);
  CHECK_EQ(error.retry_after().count(), 0);
}

// A buffer that neither can be moved nor knows its length.
class pipe_buffer : public std::streambuf {
public:
  pipe_buffer() { setg(bytes_, bytes_, bytes_ + 11); }

private:
  char bytes_[12] = "hello world";
};

void streams_that_cannot_be_moved() {
  pipe_buffer buffer;
  std::istream in(&buffer);
  check_stored("pipe", ossbind::body::stream(in));
}

void texts() {
  ossbind::text text;
#ifdef __cpp_lib_string_view
  text = std::string_view("a longer text").substr(2, 6);
  CHECK_EQ(text.value(), "longer");
  text = std::string_view();
  CHECK(text.is_set());
#endif
#ifdef __cpp_lib_optional
  text = std::optional<std::string>("a");
  CHECK_EQ(text.value(), "a");
  text = std::optional<std::string>();
  CHECK(!text.is_set());
  text = std::optional<std::string>("");
  CHECK(text.is_set());
  text = std::nullopt;
  CHECK(!text.is_set());
  const ossbind::upload_result none;
  CHECK(!none.crc64().has_value());
#endif
#ifdef __cpp_lib_filesystem
  text = std::filesystem::path("/a") / "b";
  CHECK_EQ(text.value(), "/a/b");
#endif
}

void metadata_of_a_map() {
  const std::map<std::string, std::string> map = {{"camera", "north"}, {"note", "a"}};
  ossbind::upload_request request(BUCKET, "map", ossbind::body::memory(HELLO));
  request.metadata = map;
  CHECK_EQ(request.metadata.size(), 2u);
  request.headers = {{"Cache-Control", "no-cache"}};
  request.headers.emplace_back("Content-Language", "en");
  CHECK(ossbind::upload(request).ok());
}

void progress_that_returns_nothing() {
  std::uint64_t sum = 0;
  ossbind::upload_request request(BUCKET, "progress", ossbind::body::memory(HELLO));
  request.progress = [&sum](const ossbind_progress &so_far) { sum += so_far.increment; };
  CHECK(ossbind::upload(request).ok());
  CHECK_EQ(sum, 11u);
  request.progress = nullptr;
  CHECK(!request.progress && ossbind::upload(request).ok());
}

void numbers_in_callbacks() {
  ossbind::callback numbers;
  numbers.url("http://a.example.com/").url_query("site", 7).body_field("n", "${x:n}");
  numbers.body_field("size", -1).variable("x:n", 0).variable("x:m", UINT64_MAX);
  ossbind::callback texts;
  texts.url("http://a.example.com/?site=7").form_body("n=${x:n}&size=-1");
  texts.variable("x:n", "0").variable("x:m", std::string("18446744073709551615"));
  const ossbind::encoded_callback encoded = numbers.encode();
  CHECK_EQ(encoded.error.message(), "");
  CHECK_EQ(encoded.header, texts.encode().header);
  CHECK_EQ(encoded.variables_header, texts.encode().variables_header);
}

// A limit that has passed already is not the same as none.
void durations() {
  using arguments = ossbind::detail::c_arguments;
  CHECK_EQ(arguments::count(std::chrono::milliseconds(-5)), 1u);
  CHECK_EQ(arguments::count(std::chrono::milliseconds(0)), 0u);
  CHECK_EQ(arguments::count(std::chrono::seconds(5)), 5u);
  // More than C can count.
  CHECK_EQ(arguments::count(std::chrono::milliseconds(std::chrono::hours(24 * 365))), UINT32_MAX);
}

#if __cplusplus >= 202002L
// None of the members that are left out raises a warning.
void designated_initializers() {
  const ossbind::config config = {
      .tls = {.handshake_timeout = std::chrono::seconds(5)},
      .network_connect_timeout = std::chrono::seconds(5),
  };
  const ossbind::client client = ossbind::client::create(config);
  CHECK(client);
  CHECK(client.sign_url({.bucket = BUCKET, .key = "k", .expires_in = std::chrono::hours(1)}).ok());
  CHECK(client.sign_headers({.method = "GET", .bucket = BUCKET}).ok());
  CHECK(client.sign_form({.bucket = BUCKET, .key = "k"}).ok());
  const ossbind::given_credentials keys = {.access_key_id = "id"};
  const ossbind::credentials_config credentials = {.argument = "role"};
  CHECK(keys.access_key_id.is_set() && credentials.argument.is_set());
}
#endif

} // namespace

int main(int, char **argv) {
  bodies();
  streams(argv[1]);
  streams_that_cannot_be_moved();
  texts();
  metadata_of_a_map();
  progress_that_returns_nothing();
  numbers_in_callbacks();
  durations();
#if __cplusplus >= 202002L
  designated_initializers();
#endif
}
