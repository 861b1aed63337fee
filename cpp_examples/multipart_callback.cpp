// Uploads a large file in parts, several at a time, shows how far it is, and has OSS tell an
// application server once the parts have become an object.
//
//   multipart_callback FILE CHECKPOINT_DIR [KEY]
//
// When it is interrupted, be it by a power cut, the same command goes on with the parts that OSS
// lacks: the folder, which must exist, holds what that takes.
//
// From the environment: OSS_ENDPOINT, OSS_REGION, OSS_ACCESS_KEY_ID, OSS_ACCESS_KEY_SECRET,
// OSS_BUCKET and OSS_CALLBACK_URL. Exit code: 0 acknowledged, 2 stored but the callback failed,
// 1 anything else.
#include <ossbind.hpp>

#include <cstdlib>
#include <iomanip>
#include <iostream>

int main(int argc, char **argv) {
  if (argc < 3) {
    std::cerr << "usage: multipart_callback FILE CHECKPOINT_DIR [KEY]\n";
    return 1;
  }
  // What is missing (NULL) is an error that says so.
  ossbind::upload_request request(std::getenv("OSS_BUCKET"), argc > 3 ? argv[3] : "ossbind-example",
                                  ossbind::body::file(argv[1]));
  if (argc > 2)
    request.checkpoint_dir = argv[2];
  // Less than the defaults (64 and 6 MiB): a slow uplink that breaks off loses less of a part.
  request.multipart_threshold = 1024 * 1024;
  request.part_size = 1024 * 1024;
  request.parallel = 4;
  request.callback.url(std::getenv("OSS_CALLBACK_URL"))
      .form_body("object=${object}&size=${size}&crc64=${crc64}&operation=${operation}");
  // Runs in the thread that made the call, also while other threads send parts.
  request.progress = [](const ossbind_progress &progress) {
    std::cerr << std::setw(3) << progress.sent * 100 / progress.total << " %"
              << (progress.sent < progress.total ? '\r' : '\n');
    return true; // false would stop the upload
  };

  const ossbind::upload_outcome outcome = ossbind::upload(request);

  if (outcome.error)
    std::cerr << outcome.error.message() << '\n';
  if (outcome.ok())
    std::cout << outcome.result.callback_answer() << '\n';
  return outcome.ok() ? 0 : outcome.callback_failed() ? 2 : 1;
}
