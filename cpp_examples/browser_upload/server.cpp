// Serves a web page that uploads an image from the browser straight to OSS. The page asks this
// server for a form that is signed for one upload; the file does not come through here, and the
// keys do not leave.
//
//   browser_upload [PORT [FOLDER]]
//
// PORT 0, the default, is any free port of 127.0.0.1; the URL is printed. FOLDER is that of the page,
// by default cpp_examples/browser_upload. From the environment: OSS_ENDPOINT, which browsers must
// reach as well, OSS_REGION, OSS_ACCESS_KEY_ID, OSS_ACCESS_KEY_SECRET, OSS_BUCKET and
// OSS_CALLBACK_URL.
//
// The bucket needs a CORS rule: this page's origin, the method POST, and the exposed headers ETag
// and x-oss-request-id.
#include <ossbind.hpp>

#include "tiny_http.hpp"

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <random>
#include <stdexcept>
#include <string>

namespace {

using tiny_http::response;

// 96 bits, which nobody can guess.
std::string random_name() {
  std::random_device random;
  std::string name;
  while (name.size() < 24)
    name += "0123456789abcdef"[random() % 16];
  return name;
}

// What an upload may be. The page adds the rest of the key and the type of its file.
ossbind::sign_form_request upload_policy(const std::string &key_prefix) {
  ossbind::sign_form_request policy;
  policy.bucket = std::getenv("OSS_BUCKET");
  policy.key_prefix = key_prefix;
  policy.expires_in = std::chrono::minutes(5);
  policy.min_size = 1;
  policy.max_size = 10 * 1024 * 1024;
  policy.content_types = {"image/*"};
  // Browsers send a form again by themselves when a connection breaks before the answer, and what
  // the application server has heard of must stay as it is. (Buckets with versioning ignore this.)
  policy.forbid_overwrite = true;
  policy.callback.url(std::getenv("OSS_CALLBACK_URL"))
      .json_body("{\"object\":${object},\"size\":${size},\"type\":${mimeType},\"etag\":${etag}}");
  return policy;
}

// A server of the real world asks first who the visitor is, and makes the key from that.
response sign_form(const ossbind::client &client) {
  const std::string key_prefix = "browser/" + random_name() + "/";
  const ossbind::signed_result form = client.sign_form(upload_policy(key_prefix));
  if (!form.ok()) {
    std::cerr << form.error.message() << std::endl;
    return {"500 Internal Server Error", "text/plain", "no policy\n"};
  }
  return {"200 OK", "application/json",
          "{\"key_prefix\":\"" + key_prefix + "\",\"form\":" + form.bundle + "}"};
}

response read_page(const std::string &path, const char *type) {
  std::ifstream file(path, std::ios::binary);
  if (!file)
    throw std::runtime_error(path + ": cannot be read; name the FOLDER of the page");
  return {"200 OK", type, {std::istreambuf_iterator<char>(file), {}}};
}

void serve(std::uint16_t port, const std::string &folder) {
  const std::map<std::string, response> pages = {
      {"/", read_page(folder + "/index.html", "text/html; charset=utf-8")},
      {"/style.css", read_page(folder + "/style.css", "text/css; charset=utf-8")},
      {"/upload.js", read_page(folder + "/upload.js", "text/javascript; charset=utf-8")},
  };
  const ossbind::client client = ossbind::client::from_environment();
  if (!client)
    throw std::runtime_error(client.error().message());
  // What is missing is said now, not to the first visitor.
  const ossbind::signed_result trial = client.sign_form(upload_policy("browser/"));
  if (!trial.ok())
    throw std::runtime_error(trial.error.message());

  const tiny_http::server server(port);
  std::cout << "http://127.0.0.1:" << server.port() << '/' << std::endl;
  server.run([&](const std::string &path) -> response {
    if (path == "/policy")
      return sign_form(client);
    const auto page = pages.find(path);
    return page == pages.end() ? response{"404 Not Found", "text/plain", "no such page\n"}
                               : page->second;
  });
}

std::uint16_t port_of(const std::string &text) {
  char *end = nullptr;
  const unsigned long port = std::strtoul(text.c_str(), &end, 10);
  if (text.empty() || *end != '\0' || port > 65535)
    throw std::runtime_error(text + ": PORT is a number from 0 to 65535");
  return static_cast<std::uint16_t>(port);
}

} // namespace

int main(int argc, char **argv) {
  try {
    serve(port_of(argc > 1 ? argv[1] : "0"), argc > 2 ? argv[2] : "cpp_examples/browser_upload");
  } catch (const std::exception &failure) {
    std::cerr << failure.what() << '\n';
  }
  return 1; // it serves until it is stopped
}
