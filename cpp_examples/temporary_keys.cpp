// Uploads with temporary (STS) keys that a function of the program fetches, and fetches again before they
// expire. Here they are the lines of a file: id, secret, token.
//
//   temporary_keys KEYS_FILE FILE [KEY]
//
// From the environment: OSS_ENDPOINT, OSS_REGION, OSS_BUCKET and OSS_CALLBACK_URL. Exit code:
// 0 acknowledged, 2 stored but the callback failed, 1 anything else.
#include <ossbind.hpp>

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <string>

int main(int argc, char **argv) {
  if (argc < 3) {
    std::cerr << "usage: temporary_keys KEYS_FILE FILE [KEY]\n";
    return 1;
  }
  ossbind::config config;
  // Runs on a thread of the library, one call at a time. A real one asks your server.
  const std::string path = argv[1];
  config.credentials.function = [path](ossbind::given_credentials &keys) {
    std::ifstream file(path);
    std::string id, secret, token;
    std::getline(file, id);
    std::getline(file, secret);
    std::getline(file, token);
    keys.access_key_id = id;
    keys.access_key_secret = secret;
    keys.security_token = token;
    keys.lifetime = std::chrono::hours(1); // counted from now, so that no clock has to be right
    return static_cast<bool>(file);
  };

  ossbind::upload_request request(std::getenv("OSS_BUCKET"), argc > 3 ? argv[3] : "ossbind-example",
                                  ossbind::body::file(argv[2]));
  request.callback.url(std::getenv("OSS_CALLBACK_URL")).form_body("object=${object}&size=${size}");
  const ossbind::upload_outcome outcome = ossbind::upload(config, request);

  std::cout << ossbind_status_name(outcome.status) << '\n';
  if (outcome.error)
    std::cerr << outcome.error.message() << '\n';
  return outcome.ok() ? 0 : outcome.callback_failed() ? 2 : 1;
}
