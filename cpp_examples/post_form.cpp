// Uploads a file as a form (PostObject), as browsers do, and has OSS tell an application server,
// with two variables of the program's own.
//
//   post_form FILE [KEY]
//
// From the environment: OSS_ENDPOINT, OSS_REGION, OSS_ACCESS_KEY_ID, OSS_ACCESS_KEY_SECRET,
// OSS_BUCKET and OSS_CALLBACK_URL. Exit code: 0 acknowledged, 2 stored but the callback failed,
// 1 anything else.
#include <ossbind.hpp>

#include <cstdlib>
#include <iostream>

int main(int argc, char **argv) {
  if (argc < 2) {
    std::cerr << "usage: post_form FILE [KEY]\n";
    return 1;
  }
  // What is missing (NULL) is an error that says so.
  ossbind::upload_request request(std::getenv("OSS_BUCKET"), argc > 2 ? argv[2] : "ossbind-example",
                                  ossbind::body::file(argv[1]));
  request.form = true;
  request.callback.url(std::getenv("OSS_CALLBACK_URL"))
      .form_body("object=${object}&size=${size}&camera=${x:camera}&shot=${x:shot}")
      .variable("x:camera", "north gate")
      .variable("x:shot", "42");

  const ossbind::upload_outcome outcome = ossbind::upload(request);

  std::cout << "outcome: " << ossbind::status_name(outcome.status) << '\n';
  if (outcome.error)
    std::cout << "error:   " << outcome.error.message() << '\n';
  if (outcome.result)
    std::cout << "etag:    " << outcome.result.etag() << '\n'
              << "request: " << outcome.result.request_id() << '\n'
              << "answer:  " << outcome.result.callback_answer() << '\n';
  return outcome.ok() ? 0 : outcome.callback_failed() ? 2 : 1;
}
