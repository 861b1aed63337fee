// Gives OSS several application servers, which it tries in turn until one answers, and has it name
// the server in the TLS handshake (SNI), so that servers with many certificates show the right one.
//
//   several_callback_urls FILE URL [URL...]
//
// From the environment: OSS_ENDPOINT, OSS_REGION, OSS_ACCESS_KEY_ID, OSS_ACCESS_KEY_SECRET and
// OSS_BUCKET. Exit code: 0 one of the servers acknowledged, 2 stored but none did, 1 anything
// else.
#include <ossbind.hpp>

#include <cstdlib>
#include <iostream>

int main(int argc, char **argv) {
  if (argc < 3) {
    std::cerr << "usage: several_callback_urls FILE URL [URL...]\n";
    return 1;
  }
  // What is missing (NULL) is an error that says so.
  ossbind::upload_request request(std::getenv("OSS_BUCKET"), "ossbind-example",
                                  ossbind::body::file(argv[1]));
  // SNI is what the library does by itself as soon as one of the URLs is https.
  request.callback.form_body("object=${object}&etag=${etag}&size=${size}").sni(true);
  if (argc > 2)
    request.callback.url(argv[2]);
  for (int i = 3; i < argc; i++) // 5 URLs in all
    request.callback.fallback_url(argv[i]);

  const ossbind::upload_outcome outcome = ossbind::upload(request);

  if (outcome.error)
    std::cerr << outcome.error.message() << '\n';
  if (outcome.ok())
    std::cout << outcome.result.callback_answer() << '\n';
  return outcome.ok() ? 0 : outcome.callback_failed() ? 2 : 1;
}
