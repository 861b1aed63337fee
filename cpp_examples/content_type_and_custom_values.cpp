// Stores an object with a Content-Type of its own, and sends values of the program's own with the
// callback.
//
//   content_type_and_custom_values FILE [KEY]
//
// In the SDK for Node.js these are `mime` and `callback.customValue`; its `callback.contentType` is
// the type of the callback's body, which form_body() and json_body() set.
//
// From the environment: OSS_ENDPOINT, OSS_REGION, OSS_ACCESS_KEY_ID, OSS_ACCESS_KEY_SECRET,
// OSS_BUCKET and OSS_CALLBACK_URL. Exit code: 0 acknowledged, 2 stored but the callback failed,
// 1 anything else.
#include <ossbind.hpp>

#include <cstdlib>
#include <iostream>

int main(int argc, char **argv) {
  if (argc < 2) {
    std::cerr << "usage: content_type_and_custom_values FILE [KEY]\n";
    return 1;
  }
  // What is missing (NULL) is an error that says so.
  ossbind::upload_request request(std::getenv("OSS_BUCKET"), argc > 2 ? argv[2] : "ossbind-example",
                                  ossbind::body::file(argv[1]));
  request.content_type = "text/csv; charset=utf-8";
  // The "x:" is a part of the name here; the SDK for Node.js puts it in front. OSS percent-encodes
  // what it puts into the body.
  request.callback.url(std::getenv("OSS_CALLBACK_URL"))
      .form_body("bucket=${bucket}&object=${object}&type=${mimeType}"
                 "&var1=${x:var1}&var2=${x:var2}")
      .variable("x:var1", "value1")
      .variable("x:var2", "a & b = c");

  const ossbind::upload_outcome outcome = ossbind::upload(request);

  if (outcome.error)
    std::cerr << outcome.error.message() << '\n';
  if (outcome.ok())
    std::cout << outcome.result.callback_answer() << '\n';
  return outcome.ok() ? 0 : outcome.callback_failed() ? 2 : 1;
}
