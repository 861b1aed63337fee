// Puts a buffer and has OSS tell an application server in JSON.
//
//   put_object_from_buffer [KEY]
//
// Environment and exit codes as in put_object_callback.cpp.
#include <ossbind.hpp>

#include <cstdlib>
#include <iostream>

int main(int argc, char **argv) {
  if (argc < 1) {
    std::cerr << "usage: put_object_from_buffer [KEY]\n";
    return 1;
  }
  const std::string text = "an upload callback example";

  ossbind::upload_request request(std::getenv("OSS_BUCKET"),
                                  argc > 1 ? argv[1] : "example/callback.txt",
                                  ossbind::body::memory(text));
  request.callback.url(std::getenv("OSS_CALLBACK_URL"))
      .json_body("{\"object\":${object},\"size\":${size},\"id\":${x:id}}")
      .variable("x:id", "42");

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
