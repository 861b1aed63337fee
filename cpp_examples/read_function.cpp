// Uploads what a function of the program gives: standard input, whose length nobody knows beforehand. One part of
// it (part_size) is kept in memory.
//
//   producer | read_function KEY
//
// From the environment: OSS_ENDPOINT, OSS_REGION, OSS_ACCESS_KEY_ID, OSS_ACCESS_KEY_SECRET,
// OSS_BUCKET and OSS_CALLBACK_URL. Exit code: 0 acknowledged, 2 stored but the callback failed,
// 1 anything else.
#include <ossbind.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <stdexcept>

// Gives at most `capacity` bytes; none ends the object. An exception stops the upload, and comes out of it.
static std::size_t read_input(std::uint8_t *buffer, std::size_t capacity) {
  const std::size_t count = std::fread(buffer, 1, capacity, stdin);
  if (std::ferror(stdin))
    throw std::runtime_error("standard input cannot be read");
  return count;
}

static int upload(const char *key) {
  ossbind::upload_request request(std::getenv("OSS_BUCKET"), key,
                                  ossbind::body::stream(read_input));
  request.part_size = 1024 * 1024;
  request.callback.url(std::getenv("OSS_CALLBACK_URL")).form_body("object=${object}&size=${size}");
  const ossbind::upload_outcome outcome = ossbind::upload(request);

  std::cout << ossbind_status_name(outcome.status) << '\n';
  if (outcome.error)
    std::cerr << outcome.error.message() << '\n';
  return outcome.ok() ? 0 : outcome.callback_failed() ? 2 : 1;
}

int main(int argc, char **argv) {
  if (argc < 2) {
    std::cerr << "usage: producer | read_function KEY\n";
    return 1;
  }
  try {
    return upload(argv[1]);
  } catch (const std::runtime_error &failure) { // nothing is stored
    std::cerr << failure.what() << '\n';
    return 1;
  }
}
