// A body of unknown length in parts of 1 GiB, with 200 MB of address space: an error, and no abort.
#include "check.hpp"

#include <sys/resource.h>

#include <cstring>

int main() {
  rlimit limit = {200000000, 200000000};
  CHECK(::setrlimit(RLIMIT_AS, &limit) == 0);

  const auto zeros = [](void *buffer, std::size_t capacity) {
    std::memset(buffer, 0, capacity);
    return capacity;
  };
  ossbind::upload_request request("examplebucket", "endless", ossbind::body::stream(zeros));
  request.part_size = 1073741824;
  const ossbind::upload_outcome outcome = ossbind::upload(request);
  check_refused(outcome.error, OSSBIND_STATUS_BODY, "part_size", "1073741824");
  return 0;
}
