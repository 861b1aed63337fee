// An upload in parts that is stopped in the middle goes on where it was, from the same request:
// resume FILE CHECKPOINT_DIR
#include "check.hpp"

namespace {

const std::uint64_t PART = 100 * 1024;

ossbind::upload_request request(char **argv) {
  ossbind::upload_request made(std::getenv("OSS_BUCKET"), "resumed", ossbind::body::file(argv[1]));
  made.checkpoint_dir = argv[2];
  made.multipart_threshold = made.part_size = PART;
  made.parallel = 2;
  made.callback.url(std::getenv("OSS_CALLBACK_URL")).form_body("object=${object}&size=${size}");
  return made;
}

void stopped_by_value(char **argv) {
  ossbind::upload_request stopping = request(argv);
  stopping.progress = [](const ossbind_progress &p) { return p.sent < p.total / 3; };
  const ossbind::upload_outcome outcome = ossbind::upload(stopping);
  CHECK_EQ(outcome.status, OSSBIND_STATUS_ABORTED_BY_CALLER);
  CHECK_EQ(outcome.object_state(), OSSBIND_OBJECT_STATE_NOT_STORED);
  CHECK(!outcome.error.upload_id().empty());
  CHECK(outcome.error.message().find("goes on with the next call") != std::string::npos);
}

// An exception of the program leaves the checkpoint as it is, too.
void stopped_by_exception(char **argv) {
#if OSSBIND_EXCEPTIONS
  ossbind::upload_request stopping = request(argv);
  stopping.progress = [](const ossbind_progress &p) {
    if (p.sent > p.total * 2 / 3)
      throw 42;
    return true;
  };
  int caught = 0;
  try {
    static_cast<void>(ossbind::upload(stopping));
  } catch (int number) {
    caught = number;
  }
  CHECK_EQ(caught, 42);
#else
  static_cast<void>(argv);
#endif
}

void goes_on(char **argv) {
  ossbind::upload_request again = request(argv);
  std::uint64_t first = 0;
  again.progress = [&first](const ossbind_progress &p) {
    if (first == 0)
      first = p.sent;
    return true;
  };
  const ossbind::upload_outcome outcome = ossbind::upload(again);
  if (outcome.error)
    CHECK_EQ(outcome.error.message(), "");
  CHECK(outcome.ok());
  CHECK_EQ(outcome.result.callback_answer(), "{\"a\":1}");
  // The parts that were in place count from the beginning.
  CHECK(first > 2 * PART);
}

} // namespace

int main(int argc, char **argv) {
  CHECK_EQ(argc, 3);
  stopped_by_value(argv);
  stopped_by_exception(argv);
  goes_on(argv);
}
