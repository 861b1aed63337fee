// Calls back to a URL with a query string, and deals with a callback that failed on its own: the
// object is stored, only the application server does not know.
//
//   query_string_and_callback_error FILE [KEY]
//
// From the environment: OSS_ENDPOINT, OSS_REGION, OSS_ACCESS_KEY_ID, OSS_ACCESS_KEY_SECRET,
// OSS_BUCKET and OSS_CALLBACK_URL, without a query. Exit code: 0 acknowledged, 2 stored but the
// callback failed, 1 anything else.
#include <ossbind.hpp>

#include <cstdlib>
#include <iostream>
#include <string>

int main(int argc, char **argv) {
  if (argc < 2) {
    std::cerr << "usage: query_string_and_callback_error FILE [KEY]\n";
    return 1;
  }
  const char *server = std::getenv("OSS_CALLBACK_URL");
  const std::string key = argc > 2 ? argv[2] : "ossbind-example";
  // What is missing (NULL) is an error that says so.
  ossbind::upload_request request(std::getenv("OSS_BUCKET"), key, ossbind::body::file(argv[1]));
  // The query is percent-encoded, for OSS sends it as it is. The signature of the callback covers it.
  request.callback.url(std::string(server ? server : "") + "?user=put_object&site=north%20gate")
      .form_body("bucket=${bucket}&object=${object}");

  try {
    ossbind::upload_or_throw(request);
    std::cout << "stored, and the server knows: " << key << '\n';
    return 0;
  } catch (const ossbind::upload_exception &failure) {
    std::cerr << failure.what() << '\n';
    if (failure.status() != OSSBIND_STATUS_CALLBACK_FAILED)
      return 1;
    // Another upload would store and call back again: the program has to tell the server itself.
    std::cout << "stored, but the server has to be told (" << failure.error().ec() << "): " << key
              << '\n';
    return 2;
  }
}
