// Has OSS tell an application server in JSON, with variables of the program's own.
//
//   json_body_with_variables FILE [KEY]
//
// From the environment: OSS_ENDPOINT, OSS_REGION, OSS_ACCESS_KEY_ID, OSS_ACCESS_KEY_SECRET,
// OSS_BUCKET and OSS_CALLBACK_URL. Exit code: 0 acknowledged, 2 stored but the callback failed,
// 1 anything else.
#include <ossbind.hpp>

#include <cstdlib>
#include <iostream>

int main(int argc, char **argv) {
  if (argc < 2) {
    std::cerr << "usage: json_body_with_variables FILE [KEY]\n";
    return 1;
  }
  // What is missing (NULL) is an error that says so.
  ossbind::upload_request request(std::getenv("OSS_BUCKET"), argc > 2 ? argv[2] : "ossbind-example",
                                  ossbind::body::file(argv[1]));
  // OSS puts quotes around text, so there are none around ${object}; numbers come bare. Names of
  // variables begin with "x:"; their values are any text, which arrives as it is written here.
  request.callback.url(std::getenv("OSS_CALLBACK_URL"))
      .json_body("{\"object\":${object},\"size\":${size},"
                 "\"camera\":${x:camera},\"order\":${x:order}}")
      .variable("x:camera", "north \"gate\"")
      .variable("x:order", "4711");

  const ossbind::upload_outcome outcome = ossbind::upload(request);

  if (outcome.error)
    std::cerr << outcome.error.message() << '\n';
  if (outcome.ok())
    std::cout << outcome.result.callback_answer() << '\n';
  return outcome.ok() ? 0 : outcome.callback_failed() ? 2 : 1;
}
