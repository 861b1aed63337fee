// Uploads through a proxy to a server whose certificate comes from an authority of your own, and with a limit on
// bandwidth.
//
//   proxy_and_tls CA_FILE PROXY FILE [KEY]
//
// PROXY is a URL such as socks5://10.0.0.1:1080, or "" for none.
// From the environment: OSS_ENDPOINT, OSS_REGION, OSS_ACCESS_KEY_ID, OSS_ACCESS_KEY_SECRET,
// OSS_BUCKET and OSS_CALLBACK_URL. Exit code: 0 acknowledged, 2 stored but the callback failed,
// 1 anything else.
#include <ossbind.hpp>

#include <cstdlib>
#include <iostream>

int main(int argc, char **argv) {
  if (argc < 4) {
    std::cerr << "usage: proxy_and_tls CA_FILE PROXY FILE [KEY]\n";
    return 1;
  }
  ossbind::config config;
  config.tls.ca_file = argv[1]; // the only authorities that are trusted then
  config.network_proxy = argv[2];
  config.network_no_proxy = "localhost,.internal";
  config.network_rate_limit_bytes_per_s = 10 * 1024 * 1024;

  ossbind::upload_request request(std::getenv("OSS_BUCKET"), argc > 4 ? argv[4] : "ossbind-example",
                                  ossbind::body::file(argv[3]));
  request.callback.url(std::getenv("OSS_CALLBACK_URL")).form_body("object=${object}&size=${size}");
  const ossbind::upload_outcome outcome = ossbind::upload(config, request);

  std::cout << ossbind_status_name(outcome.status) << '\n';
  if (outcome.error)
    std::cerr << outcome.error.message() << '\n';
  return outcome.ok() ? 0 : outcome.callback_failed() ? 2 : 1;
}
