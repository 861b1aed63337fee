// Bounds an upload in time, writes the messages of the library to a log, and prints the report of a
// failure for a support ticket.
//
//   log_and_report FILE [KEY]
//
// From the environment: OSS_ENDPOINT, OSS_REGION, OSS_ACCESS_KEY_ID, OSS_ACCESS_KEY_SECRET,
// OSS_BUCKET and OSS_CALLBACK_URL. Exit code: 0 acknowledged, 2 stored but the callback failed,
// 1 anything else.
#include <ossbind.hpp>

#include <cstdlib>
#include <iostream>
#include <string>

int main(int argc, char **argv) {
  if (argc < 2) {
    std::cerr << "usage: log_and_report FILE [KEY]\n";
    return 1;
  }
  ossbind::config config; // endpoint and keys come from the environment
  config.log_level = OSSBIND_LOG_LEVEL_INFO;
  // Any thread that uses the client calls this, so it must be safe to call from several at once.
  config.log = [](ossbind_log_level level, const std::string &message) {
    std::cerr << (level == OSSBIND_LOG_LEVEL_WARNING ? "warning: " : "info: ") << message << '\n';
  };
  config.network_connect_timeout = std::chrono::seconds(5);
  config.network_idle_timeout = std::chrono::seconds(15); // OSS may wait 5 s for the callback

  ossbind::upload_request request(std::getenv("OSS_BUCKET"), argc > 2 ? argv[2] : "ossbind-example",
                                  ossbind::body::file(argv[1]));
  request.callback.url(std::getenv("OSS_CALLBACK_URL")).form_body("object=${object}&size=${size}");
  request.timeout = std::chrono::minutes(10); // the whole call, with everything that is tried again
  const ossbind::upload_outcome outcome = ossbind::upload(config, request);

  if (outcome.error)
    std::cout << outcome.error.report() << '\n';
  return outcome.ok() ? 0 : outcome.callback_failed() ? 2 : 1;
}
