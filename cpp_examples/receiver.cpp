// The server that OSS calls back, with cpp-httplib: verifies, and notes each upload once, in SQLite.
//   receiver PORT DATABASE   (port 0 is any that is free; the URL is printed)
// The callback's body: object=${object}&size=${size}&reqId=${reqId}&seal=${x:seal}. From the environment:
// OSSBIND_SEAL_NAME and OSSBIND_SEAL_SECRET, without which whoever uses OSS can call, and OSSBIND_KEY_URL,
// where a local OSS has its key.
#include "../c_examples/receiver/rows.h"
#include <ossbind_receiving.hpp>

#include <cstdlib>
#include <httplib.h>
#include <iostream>

int main(int argc, char **argv) {
  ossbind::verifier_config config;
  if (const char *url = std::getenv("OSSBIND_KEY_URL"))
    config.key_urls = {url};
  if (const char *name = std::getenv("OSSBIND_SEAL_NAME"))
    config.seal_keys = {{name, std::getenv("OSSBIND_SEAL_SECRET")}};
  const ossbind::verifier verifier = ossbind::verifier::create(config);
  if (argc != 3 || !verifier || !open_rows(argv[2])) {
    std::cerr << "usage: receiver PORT DATABASE\n" << verifier.error().message() << '\n';
    return 1;
  }
  httplib::Server server;
  server.Post(".*", [&](const httplib::Request &from, httplib::Response &to,
                        const httplib::ContentReader &read) {
    std::string body;
    read([&body](const char *data, std::size_t size) {
      return body.append(data, size).size() <= 65536; // more than any callback has
    });
    if (body.size() > 65536) {
      to.status = 413;
      return;
    }
    ossbind::verdict verdict = verifier.check({from.method, from.target, from.headers, body});
    if (verdict.error)
      std::cerr << ossbind::status_name(verdict.status) << ": " << verdict.error.message() << '\n';
    if (verdict.callback) // also a replayed one: the row of its seal may be missing
      verdict.status =
          note_row(verdict.callback.c_ptr()) ? ossbind::status::ok : ossbind::status::internal;
    const ossbind::reply reply(verdict.status);
    to.status = reply.http_status();
    to.set_content(reply.body(), "application/json");
  });
  server.set_read_timeout(5);
  server.set_keep_alive_max_count(1); // what is left of a long body is no request
  int port = std::atoi(argv[1]);
  if (port == 0)
    port = server.bind_to_any_port("0.0.0.0");
  else if (!server.bind_to_port("0.0.0.0", port))
    port = -1;
  if (port < 0)
    return 1;
  std::cout << "http://127.0.0.1:" << port << '/' << std::endl;
  return server.listen_after_bind() ? 0 : 1;
}
