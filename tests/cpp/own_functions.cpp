// The program's own functions stop uploads: by what they return, and by exceptions, which come back
// with their own type.
#include "check.hpp"

namespace {

const char *const BUCKET = "examplebucket";

std::size_t give_nothing_but_x(std::uint8_t *buffer, std::size_t capacity) {
  for (std::size_t i = 0; i < capacity; i++)
    buffer[i] = 'x';
  return capacity;
}

void check_stopped(const ossbind::upload_request &request, const char *field) {
  const ossbind::upload_outcome outcome = ossbind::upload(request);
  CHECK_EQ(outcome.status, OSSBIND_STATUS_ABORTED_BY_CALLER);
  CHECK_EQ(outcome.error.field(), field);
  CHECK_EQ(outcome.error.caller_code(), 1);
  CHECK_EQ(outcome.object_state(), OSSBIND_OBJECT_STATE_NOT_STORED);
  CHECK(!outcome.result);
}

void stopped_by_value() {
  ossbind::upload_request request(BUCKET, "stopped", ossbind::body::memory("v", 1));
  request.progress = [](const ossbind_progress &) { return false; };
  check_stopped(request, "progress");

  const auto fail = [](std::uint8_t *, std::size_t) { return ossbind::body::read_failed(); };
  request = ossbind::upload_request(BUCKET, "stopped", ossbind::body::stream(fail, 5));
  check_stopped(request, "read");

  const auto stay = [](std::uint64_t) { return false; };
  request = ossbind::upload_request(BUCKET, "stopped",
                                    ossbind::body::stream(give_nothing_but_x, 0, stay));
  request.compute_content_md5 = true;
  check_stopped(request, "rewind");
}

void lying_reader() {
  const auto too_many = [](std::uint8_t *, std::size_t capacity) { return capacity + 1; };
  const ossbind::upload_request request(BUCKET, "stopped", ossbind::body::stream(too_many, 5));
  CHECK_EQ(ossbind::upload(request).status, OSSBIND_STATUS_BODY);
}

#if OSSBIND_EXCEPTIONS
// Not derived from anything, and only this file knows it.
struct my_own {
  int number;
};

[[noreturn]] void fail(int number) { throw my_own{number}; }

void check_thrown(const ossbind::upload_request &request, int number) {
  int caught = 0;
  try {
    static_cast<void>(ossbind::upload(request));
  } catch (const my_own &exception) {
    caught = exception.number;
  }
  CHECK_EQ(caught, number);
}

void stopped_by_exception() {
  const auto read = [](std::uint8_t *, std::size_t) -> std::size_t { fail(1); };
  check_thrown(ossbind::upload_request(BUCKET, "stopped", ossbind::body::stream(read, 5)), 1);

  ossbind::upload_request request(BUCKET, "stopped", ossbind::body::memory("v", 1));
  request.progress = [](const ossbind_progress &) -> bool { fail(2); };
  check_thrown(request, 2);

  const auto rewind = [](std::uint64_t) -> bool { fail(3); };
  request = ossbind::upload_request(BUCKET, "stopped",
                                    ossbind::body::stream(give_nothing_but_x, 5, rewind));
  request.compute_content_md5 = true;
  check_thrown(request, 3);
}
#endif

// A function of the program may itself upload.
void nested() {
  ossbind::upload_request request(BUCKET, "outer", ossbind::body::memory("v", 1));
  request.progress = [](const ossbind_progress &) {
    return ossbind::upload(ossbind::upload_request(BUCKET, "inner", ossbind::body::empty())).ok();
  };
  CHECK(ossbind::upload(request).ok());
}

} // namespace

int main() {
  stopped_by_value();
  lying_reader();
#if OSSBIND_EXCEPTIONS
  stopped_by_exception();
#endif
  nested();
}
