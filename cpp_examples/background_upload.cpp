// Uploads in a thread, with the same call as anywhere, while the program goes on, and has a function
// called when the upload is complete.
//
//   background_upload FILE [KEY]
//
// From the environment: OSS_ENDPOINT, OSS_REGION, OSS_ACCESS_KEY_ID, OSS_ACCESS_KEY_SECRET,
// OSS_BUCKET and OSS_CALLBACK_URL. Exit code: 0 acknowledged, 2 stored but the callback failed,
// 1 anything else.
#include <ossbind.hpp>

#include <cstdlib>
#include <functional>
#include <future>
#include <iostream>
#include <string>
#include <utility>

using completion = std::function<int(const ossbind::upload_outcome &)>;

// The future gives what `completed` returns, and exceptions that it or the request throws.
std::future<int> upload_in_background(ossbind::upload_request request, completion completed) {
  const auto run = [](const ossbind::upload_request &kept, const completion &notify) {
    return notify(ossbind::upload(kept));
  };
  return std::async(std::launch::async, run, std::move(request), std::move(completed));
}

// Runs in the thread of the upload. A program with an event loop would wake it here.
int report(const ossbind::upload_outcome &outcome) {
  std::cout << std::string("complete: ") + ossbind::status_name(outcome.status) + '\n';
  if (outcome.error)
    std::cerr << outcome.error.message() + '\n';
  return outcome.ok() ? 0 : outcome.callback_failed() ? 2 : 1;
}

int main(int argc, char **argv) {
  if (argc < 2) {
    std::cerr << "usage: background_upload FILE [KEY]\n";
    return 1;
  }
  // What is missing (NULL) is an error that says so.
  ossbind::upload_request request(std::getenv("OSS_BUCKET"), argc > 2 ? argv[2] : "ossbind-example",
                                  ossbind::body::file(argv[1]));
  request.callback.url(std::getenv("OSS_CALLBACK_URL")).form_body("object=${object}&size=${size}");

  std::future<int> exit_code = upload_in_background(std::move(request), report);
  // Here the program does what else it has to do.
  std::cout << "uploading in the background\n" << std::flush;
  return exit_code.get();
}
