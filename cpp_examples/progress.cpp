// Shows how far an upload is.
//
//   progress FILE [KEY]
//
// From the environment: OSS_ENDPOINT, OSS_REGION, OSS_ACCESS_KEY_ID, OSS_ACCESS_KEY_SECRET,
// OSS_BUCKET and OSS_CALLBACK_URL. Exit code: 0 acknowledged, 2 stored but the callback failed,
// 1 anything else.
#include <ossbind.hpp>

#include <cstdlib>
#include <iomanip>
#include <iostream>

int main(int argc, char **argv) {
  if (argc < 2) {
    std::cerr << "usage: progress FILE [KEY]\n";
    return 1;
  }
  // What is missing (NULL) is an error that says so.
  ossbind::upload_request request(std::getenv("OSS_BUCKET"), argc > 2 ? argv[2] : "ossbind-example",
                                  ossbind::body::file(argv[1]));
  request.callback.url(std::getenv("OSS_CALLBACK_URL")).form_body("object=${object}&size=${size}");

  // Runs in the thread of the upload, after every piece of at most 128 KiB, and so should be quick.
  int shown = -1;
  request.progress = [&shown](const ossbind_progress &progress) {
    if (progress.total == UINT64_MAX) { // a stream whose length nobody knows
      std::cerr << progress.sent << " bytes\r";
      return true;
    }
    const int percent = static_cast<int>(100.0 * static_cast<double>(progress.sent) /
                                         static_cast<double>(progress.total));
    if (percent != shown)
      std::cerr << std::setw(3) << percent << " %" << (percent < 100 ? '\r' : '\n');
    shown = percent;
    return true; // false would stop the upload
  };

  const ossbind::upload_outcome outcome = ossbind::upload(request);

  if (outcome.error)
    std::cerr << outcome.error.message() << '\n';
  if (outcome.ok())
    std::cout << outcome.result.callback_answer() << '\n';
  return outcome.ok() ? 0 : outcome.callback_failed() ? 2 : 1;
}
