// Lets a device without keys upload one object: a server signs, the device uploads.
//
//   signed_url sign KEY      on the server: prints a bundle, which is a secret until it expires
//   signed_url upload FILE   on the device: reads a bundle from standard input and uploads FILE
//
// `sign` takes from the environment: OSS_ENDPOINT, OSS_REGION, OSS_ACCESS_KEY_ID,
// OSS_ACCESS_KEY_SECRET, OSS_BUCKET and OSS_CALLBACK_URL; `upload` takes nothing. Exit code: 0
// signed, or uploaded and acknowledged, 2 stored but the callback failed, 1 anything else.
#include <ossbind.hpp>

#include <cstdlib>
#include <iostream>
#include <iterator>

namespace {

int sign(const char *key) {
  ossbind::sign_url_request request;
  request.bucket = std::getenv("OSS_BUCKET");
  request.key = key;
  request.expires_in = std::chrono::hours(1);
  request.forbid_overwrite = true;
  // It stands in the URL: the device can neither change it nor leave it out.
  request.callback.url(std::getenv("OSS_CALLBACK_URL"))
      .form_body("object=${object}&size=${size}&etag=${etag}");

  const ossbind::client client = ossbind::client::from_environment();
  if (!client) {
    std::cerr << client.error().message() << '\n';
    return 1;
  }
  const ossbind::signed_result made = client.sign_url(request);
  if (!made.ok()) {
    std::cerr << made.error.message() << '\n';
    return 1;
  }
  std::cout << made.bundle << '\n';
  return 0;
}

int upload(const char *file) {
  const std::string bundle((std::istreambuf_iterator<char>(std::cin)),
                           std::istreambuf_iterator<char>());
  const ossbind::upload_outcome outcome =
      ossbind::upload(ossbind::upload_request::to_bundle(bundle, ossbind::body::file(file)));

  std::cout << "outcome: " << ossbind::status_name(outcome.status) << '\n';
  if (outcome.error)
    std::cerr << outcome.error.message() << '\n';
  if (outcome.ok())
    std::cout << "answer:  " << outcome.result.callback_answer() << '\n';
  return outcome.ok() ? 0 : outcome.callback_failed() ? 2 : 1;
}

} // namespace

int main(int argc, char **argv) {
  const std::string role = argc == 3 ? argv[1] : "";
  if (role == "sign")
    return sign(argv[2]);
  if (role == "upload")
    return upload(argv[2]);
  std::cerr << "usage: signed_url sign KEY | upload FILE\n";
  return 1;
}
