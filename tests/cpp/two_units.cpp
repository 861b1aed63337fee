// Two files of one program include the header; the other one may be compiled without exceptions.
// Functions of this file must stay those that catch.
#include "other_unit.hpp"

#include "check.hpp"

int main() {
  CHECK_EQ(stopped_upload_of_other_unit(), OSSBIND_STATUS_INVALID_ARGUMENT);

  const auto read = [](std::uint8_t *, std::size_t) -> std::size_t { throw std::string("mine"); };
  const auto rewind = [](std::uint64_t) { return true; };
  ossbind::upload_request request("examplebucket", "key", ossbind::body::stream(read, 1, rewind));
  request.compute_content_md5 = true;
  bool caught = false;
  try {
    static_cast<void>(ossbind::upload(nobody(), request));
  } catch (const std::string &text) {
    caught = text == "mine";
  }
  CHECK(caught);
}
