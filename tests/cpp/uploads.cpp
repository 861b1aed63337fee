// Uploads of every kind of body, with every member of the request, to the OSS of the environment.
#include "check.hpp"

#include <algorithm>
#include <cstring>
#include <fstream>
#include <stdexcept>
#include <thread>

namespace {

const char *const BUCKET = "examplebucket";
// The ETag is the MD5 of the content.
const char *const HELLO = "hello world";
const char *const HELLO_ETAG = "5EB63BBBE01EEED093CB22BB8F5ACDC3";

// Gives a text in pieces of at most 3 bytes, and can begin again.
struct pieces {
  std::string rest;

  std::size_t operator()(std::uint8_t *buffer, std::size_t capacity) {
    const std::size_t count = std::min<std::size_t>({rest.size(), capacity, 3});
    std::memcpy(buffer, rest.data(), count);
    rest.erase(0, count);
    return count;
  }
};

ossbind::upload_request stream(const char *key, const std::shared_ptr<pieces> &source) {
  const auto read = [source](std::uint8_t *buffer, std::size_t capacity) {
    return (*source)(buffer, capacity);
  };
  const auto rewind = [source](std::uint64_t offset) {
    source->rest = std::string(HELLO).substr(offset);
    return true;
  };
  return ossbind::upload_request(BUCKET, key, ossbind::body::stream(read, 11, rewind));
}

void check_stored(const ossbind::upload_outcome &outcome) {
  if (outcome.error)
    CHECK_EQ(outcome.error.message(), "");
  CHECK(outcome.ok() && outcome.stored() && !outcome.callback_failed());
  CHECK_EQ(outcome.object_state(), OSSBIND_OBJECT_STATE_STORED);
  CHECK_EQ(outcome.result.http_status(), 200);
  CHECK_EQ(outcome.result.etag(), HELLO_ETAG);
  CHECK_EQ(outcome.result.request_id().size(), 24u);
  CHECK_EQ(outcome.result.header("SERVER"), "AliyunOSS");
  CHECK_EQ(outcome.result.header("x-none"), "");
  const ossbind::string_pairs headers = outcome.result.headers();
  CHECK(std::find(headers.begin(), headers.end(),
                  std::pair<std::string, std::string>("server", "AliyunOSS")) != headers.end());
  CHECK_EQ(outcome.result.version_id(), "");
  std::uint64_t crc64 = 0;
  CHECK(outcome.result.crc64(crc64));
  CHECK_EQ(crc64, 5981764153023615706u);
}

void bodies(const ossbind::client &client, const char *path) {
  const std::string hello = HELLO;
  std::ofstream(path) << hello;
  const auto put = [&](const char *key, ossbind::body body) {
    check_stored(client.upload(ossbind::upload_request(BUCKET, key, std::move(body))));
  };
  put("borrowed", ossbind::body::memory(hello));
  put("pointer", ossbind::body::memory(HELLO, 11));
  put("owned", ossbind::body::memory(std::string(HELLO)));
  put("file", ossbind::body::file(path));
  check_stored(client.upload(stream("stream", std::make_shared<pieces>(pieces{HELLO}))));
  const ossbind::upload_request empty(BUCKET, "empty", ossbind::body::empty());
  CHECK_EQ(client.upload(empty).result.etag(), "D41D8CD98F00B204E9800998ECF8427E");
}

void every_member(const ossbind::client &client) {
  ossbind::upload_request request = stream("members", std::make_shared<pieces>(pieces{HELLO}));
  request.content_type = "text/x-test";
  request.metadata = {{"camera", "north-1"}, {"note", "gr\xc3\xbc\xc3\x9f"}};
  request.headers = {{"Cache-Control", "no-cache"}};
  request.storage_class = "IA";
  request.acl = "private";
  request.compute_content_md5 = true;
  request.forbid_overwrite = true;
  std::uint64_t sent = 0, total = 0;
  request.progress = [&](const ossbind_progress &progress) {
    sent = progress.sent;
    total = progress.total;
    return true;
  };
  check_stored(client.upload(request));
  CHECK_EQ(sent, 11u);
  CHECK_EQ(total, 11u);

  request.body = ossbind::body::memory(HELLO, 11);
  const ossbind::upload_outcome again = client.upload(request);
  CHECK_EQ(again.status, OSSBIND_STATUS_SERVICE);
  CHECK_EQ(again.error.oss_code(), "FileAlreadyExists");
  CHECK_EQ(again.error.http_status(), 409);
  CHECK_EQ(again.error.request_id().size(), 24u);
  CHECK_EQ(again.error.document_element("Code"), "FileAlreadyExists");
  CHECK(again.error.c_ptr() != nullptr);
  CHECK(!again.stored() && !again.result);

  // A key for one content: what is there is what an earlier upload has stored.
  request.once = true;
  const ossbind::upload_outcome repeated = client.upload(request);
  CHECK(repeated.ok() && repeated.stored() && !repeated.result.etag().empty());
}

void given_md5(const ossbind::client &client) {
  ossbind::upload_request request(BUCKET, "md5", ossbind::body::memory(HELLO, 11));
  request.content_md5 = "XrY7u+Ae7tCTyyK7j1rNww==";
  check_stored(client.upload(request));
}

// With the client of the process, with one for the call, and with one that threads share.
void every_way_to_call(const ossbind::client &client) {
  const ossbind::upload_request request(BUCKET, "ways", ossbind::body::memory(HELLO, 11));
  check_stored(ossbind::upload(request));
  check_stored(ossbind::upload(request));
  check_stored(ossbind::upload(ossbind::config(), request));
  const ossbind::client shared = client.ref();
  std::thread other([&] { check_stored(shared.upload(request)); });
  check_stored(client.upload(request));
  other.join();
#if OSSBIND_EXCEPTIONS
  const ossbind::client thrower = ossbind::client::create_or_throw(ossbind::config());
  CHECK_EQ(thrower.upload_or_throw(request).etag(), HELLO_ETAG);
  CHECK_EQ(ossbind::upload_or_throw(request).etag(), HELLO_ETAG);
  CHECK_EQ(ossbind::upload_or_throw(ossbind::config(), request).etag(), HELLO_ETAG);
#endif
}

void flags_and_numbers_reach_the_library() {
  ossbind::config config;
  config.signature_version = OSSBIND_SIGNATURE_VERSION_V1;
  config.path_style = true;
  config.no_crc64 = true;
  config.network_connect_timeout = std::chrono::seconds(5);
  config.network_idle_timeout = std::chrono::seconds(15);
  config.user_agent = "every-member/1";
  const ossbind::upload_request request(BUCKET, "config", ossbind::body::memory(HELLO, 11));
  check_stored(ossbind::upload(config, request));

  const std::string endpoint = std::getenv("OSS_ENDPOINT");
  config = ossbind::config();
  config.endpoint = endpoint.substr(std::string("http://").size());
  config.plain_http = true;
  check_stored(ossbind::upload(config, request));
}

// In parts, and as a stream whose length is not known; the ETag tells how many parts there were.
void large_bodies(const ossbind::client &client) {
  const std::string bytes(250000, 'x');
  std::size_t given = 0;
  const auto read = [&](std::uint8_t *buffer, std::size_t capacity) {
    const std::size_t count = std::min(bytes.size() - given, capacity);
    std::memcpy(buffer, bytes.data() + given, count);
    given += count;
    return count;
  };
  for (const bool is_stream : {false, true}) {
    ossbind::upload_request request(BUCKET, is_stream ? "parts-stream" : "parts",
                                    is_stream ? ossbind::body::stream(read)
                                              : ossbind::body::memory(bytes));
    request.multipart_threshold = request.part_size = 102400;
    request.parallel = 2;
    const ossbind::upload_outcome outcome = client.upload(request);
    CHECK(outcome.ok() && !outcome.error);
    const std::string etag = outcome.result.etag();
    CHECK_EQ(etag.substr(etag.size() - 2), "-3");
  }
}

// One line for each request; a function that throws costs nothing.
void messages_arrive() {
  std::vector<std::string> lines;
  ossbind::config config;
  config.log_level = OSSBIND_LOG_LEVEL_INFO;
  config.log = [&](ossbind_log_level level, const std::string &line) {
    CHECK(level == OSSBIND_LOG_LEVEL_INFO);
    lines.push_back(line);
#if OSSBIND_EXCEPTIONS
    throw 1;
#endif
  };
  ossbind::client client = ossbind::client::create(config).ref();
  const ossbind::upload_request request(BUCKET, "logged", ossbind::body::memory(HELLO, 11));
  check_stored(client.upload(request));
  CHECK(lines.size() == 1);
  CHECK(lines[0].find("PUT http") == 0 && lines[0].find("logged: 200 in ") != std::string::npos);
}

// Keys of a lambda, which is asked once and freed with the client.
void credentials_of_a_function() {
  int asked = 0;
  const std::shared_ptr<int> owned = std::make_shared<int>(0);
  {
    ossbind::config config;
    config.credentials.function = [&asked, owned](ossbind::given_credentials &keys) {
      asked++;
      keys.access_key_id = std::getenv("OSS_ACCESS_KEY_ID");
      keys.access_key_secret = std::getenv("OSS_ACCESS_KEY_SECRET");
      return true;
    };
    const ossbind::client client = ossbind::client::create(config);
    config.credentials.function = nullptr;
    const ossbind::upload_request request(BUCKET, "function", ossbind::body::memory(HELLO, 11));
    check_stored(client.upload(request));
    check_stored(client.upload(request));
    CHECK(asked == 1 && owned.use_count() == 2);
  }
  // The thread that asked for the keys may still be ending.
  for (int i = 0; i < 10000000 && owned.use_count() > 1; i++)
    std::this_thread::yield();
  CHECK_EQ(owned.use_count(), 1);

  ossbind::config none;
  none.credentials.function = [](ossbind::given_credentials &) { return false; };
  const ossbind::upload_request request(BUCKET, "function", ossbind::body::memory(HELLO, 11));
  const ossbind::upload_outcome outcome = ossbind::upload(none, request);
  CHECK_EQ(outcome.status, OSSBIND_STATUS_CREDENTIALS);
  CHECK(outcome.error.metrics().requests == 0);
  CHECK_EQ(outcome.error.advice(), OSSBIND_ADVICE_AGAIN);

  // Why there are none is part of the message.
  ossbind::upload_outcome failed;
#if OSSBIND_EXCEPTIONS
  none.credentials.function = [](ossbind::given_credentials &) -> bool {
    throw std::runtime_error("nobody at the token service");
  };
  failed = ossbind::upload(none, request);
  CHECK(failed.error.message().find("nobody at the token service") != std::string::npos);
#endif
  none.credentials.function = [](ossbind::given_credentials &keys) {
    keys.access_key_id = std::string("STS\0id", 6);
    keys.access_key_secret = "secret";
    return true;
  };
  failed = ossbind::upload(none, request);
  CHECK(failed.error.message().find("access_key_id") != std::string::npos);
  none.credentials.function = [](ossbind::given_credentials &keys) {
    keys.access_key_id = "id with a\nnewline";
    keys.access_key_secret = "secret";
    return true;
  };
  failed = ossbind::upload(none, request);
  CHECK(failed.error.message().find("access_key_id") != std::string::npos);
}

void an_object_is_looked_for(const ossbind::client &client) {
  const ossbind::upload_request request(BUCKET, "to be found", ossbind::body::memory(HELLO, 11));
  ossbind::find_request question(BUCKET, "to be found", ossbind::body::memory(HELLO, 11));
  question.doubt_age = std::chrono::seconds(20);
  ossbind::upload_outcome outcome = client.find(question);
  CHECK(!outcome.ok() && !outcome.result);
  CHECK_EQ(outcome.status, OSSBIND_STATUS_NOT_FOUND);
  CHECK_EQ(outcome.error.advice(), OSSBIND_ADVICE_LOOK);
  CHECK(outcome.error.retry_after() == std::chrono::seconds(40));
  check_stored(client.upload(request));
  outcome = client.find(question);
  CHECK(outcome.ok() && outcome.result && !outcome.result.etag().empty());
  CHECK_EQ(ossbind::client().find(question).status, OSSBIND_STATUS_INVALID_ARGUMENT);
  question.key = std::string("a\0b", 3);
  CHECK_EQ(client.find(question).error.field(), "key");
}

void what_a_call_took(const ossbind::client &client) {
  ossbind::upload_request request(BUCKET, "effort", ossbind::body::memory(HELLO, 11));
  request.timeout = std::chrono::minutes(1);
  request.rate_limit_bytes_per_s = 1000000;
  request.traffic_limit_bits_per_s = 819200;
  const ossbind::upload_outcome outcome = client.upload(request);
  CHECK(outcome.ok() && outcome.result.metrics().requests == 1);
  CHECK(outcome.result.metrics().retries == 0 && outcome.result.metrics().bytes_sent > 11);

  const ossbind::cancel_source cancel;
  const ossbind::cancel_source same = cancel;
  same.cancel();
  request.cancel = &cancel;
  const ossbind::upload_outcome ended = client.upload(request);
  CHECK_EQ(ended.status, OSSBIND_STATUS_CANCELLED);
  CHECK(ended.error.report().find("\"OSSBIND_STATUS_CANCELLED\"") != std::string::npos);
}

} // namespace

int main(int, char **argv) {
  const ossbind::client client = ossbind::client::from_environment();
  CHECK(client && !client.error());
  bodies(client, argv[1]);
  every_member(client);
  given_md5(client);
  every_way_to_call(client);
  flags_and_numbers_reach_the_library();
  large_bodies(client);
  messages_arrive();
  credentials_of_a_function();
  an_object_is_looked_for(client);
  what_a_call_took(client);
}
