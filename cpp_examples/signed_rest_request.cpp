// Signs a PUT with a callback for another HTTP stack, and prints it as a command line of curl. Any
// other operation of OSS is signed in the same way. Whoever has the line can send it for 15 minutes.
//
//   signed_rest_request KEY TEXT
//
// From the environment: OSS_ENDPOINT, OSS_REGION, OSS_ACCESS_KEY_ID, OSS_ACCESS_KEY_SECRET,
// OSS_BUCKET and OSS_CALLBACK_URL. Exit code: 0 signed, 1 anything else.
#include <ossbind.hpp>

#include <cstdlib>
#include <iostream>

namespace {

// A word for the shell: in single quotes nothing has a meaning but the quote itself.
std::string quoted(const std::string &text) {
  std::string word = "'";
  for (const char c : text)
    word += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return word + "'";
}

int fail(const ossbind::failure &error) {
  std::cerr << error.message() << '\n';
  return 1;
}

} // namespace

int main(int argc, char **argv) {
  if (argc != 3) {
    std::cerr << "usage: signed_rest_request KEY TEXT\n";
    return 1;
  }
  ossbind::callback callback;
  callback.url(std::getenv("OSS_CALLBACK_URL"))
      .form_body("object=${object}&size=${size}&id=${x:id}")
      .variable("x:id", "4'2");
  const ossbind::encoded_callback encoded = callback.encode();
  if (!encoded.ok())
    return fail(encoded.error);

  // All that curl will send of Content-Type and x-oss-* must be signed.
  ossbind::sign_headers_request request;
  request.method = "PUT";
  request.bucket = std::getenv("OSS_BUCKET");
  request.key = argv[1];
  request.headers = {{"Content-Type", "text/plain"},
                     {"x-oss-callback", encoded.header},
                     {"x-oss-callback-var", encoded.variables_header}};

  const ossbind::client client = ossbind::client::from_environment();
  if (!client)
    return fail(client.error());
  const ossbind::signed_result made = client.sign_headers(request);
  if (!made.ok())
    return fail(made.error);

  std::cout << "curl -sS -w '\\n%{http_code}\\n' -X " << quoted(made.method);
  for (const std::pair<std::string, std::string> &header : made.pairs)
    std::cout << " -H " << quoted(header.first + ": " + header.second);
  std::cout << " --data-raw " << quoted(argv[2]) << ' ' << quoted(made.url) << '\n';
}
