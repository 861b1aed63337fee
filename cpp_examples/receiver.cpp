// The server that OSS calls back, with cpp-httplib: verifies, and notes each upload once in SQLite.
//   receiver PORT DATABASE   (port 0 is any that is free; the URL is printed)
// The callback's body: object=${object}&size=${size}&reqId=${reqId}&seal=${x:seal}. From the environment:
// OSSBIND_SEAL_NAME and OSSBIND_SEAL_SECRET, without which whoever uses OSS can call, and OSSBIND_KEY_URL,
// where a local OSS has its key.
#include <ossbind_receiving.hpp>

#include <cstdlib>
#include <httplib.h>
#include <iostream>
#include <sqlite3.h>

// A row that is there already is as good as a new one; a callback without an id is not.
static ossbind::status::type note(sqlite3 *database, const ossbind::received_callback &callback) {
  sqlite3_stmt *insert = nullptr;
  sqlite3_prepare_v2(database, "INSERT INTO uploads VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING", -1,
                     &insert, nullptr);
  int place = 0;
  for (const char *name : {"reqId", "seal", "object", "size"}) {
    const ossbind::text value = callback.field(name);
    if (++place, value.is_set())
      sqlite3_bind_text(insert, place, value.value().c_str(), -1, SQLITE_TRANSIENT);
  }
  const bool done = sqlite3_step(insert) == SQLITE_DONE;
  if (!done)
    std::cerr << "not noted: " << sqlite3_errmsg(database) << '\n';
  sqlite3_finalize(insert);
  return done ? ossbind::status::ok : ossbind::status::internal;
}

int main(int argc, char **argv) {
  ossbind::verifier_config config;
  if (const char *url = std::getenv("OSSBIND_KEY_URL"))
    config.key_urls = {url};
  if (const char *name = std::getenv("OSSBIND_SEAL_NAME"))
    config.seal_keys = {{name, std::getenv("OSSBIND_SEAL_SECRET")}};
  const ossbind::verifier verifier = ossbind::verifier::create(config);
  sqlite3 *database = nullptr;
  if (argc != 3 || !verifier || sqlite3_open(argv[2], &database) ||
      sqlite3_busy_timeout(database, 1000) ||
      sqlite3_exec(database,
                   "CREATE TABLE IF NOT EXISTS uploads (request TEXT NOT NULL UNIQUE, seal "
                   "TEXT UNIQUE, object TEXT NOT NULL, size INTEGER NOT NULL)",
                   nullptr, nullptr, nullptr))
    return std::cerr << "usage: receiver PORT DATABASE\n" << verifier.error().message() << '\n', 1;

  httplib::Server server;
  server.set_read_timeout(5);
  server.set_keep_alive_max_count(1); // what is left of a long body is no request
  server.Post(".*", [&](const httplib::Request &from, httplib::Response &to,
                        const httplib::ContentReader &read) {
    std::string body;
    const std::size_t limit = 65536; // more than any callback has
    read([&](const char *data, std::size_t size) {
      body.append(data, size);
      return body.size() <= limit;
    });
    if (body.size() > limit) {
      to.status = 413;
      return;
    }
    ossbind::verdict verdict = verifier.check({from.method, from.target, from.headers, body});
    if (verdict.error)
      std::cerr << ossbind::status_name(verdict.status) << ": " << verdict.error.message() << '\n';
    if (verdict.callback) // also a replayed one: the row of its seal may be missing
      verdict.status = note(database, verdict.callback);
    const ossbind::reply reply(verdict.status);
    to.status = reply.http_status();
    to.set_content(reply.body(), "application/json");
  });
  int port = std::atoi(argv[1]);
  if (port == 0)
    port = server.bind_to_any_port("0.0.0.0");
  else if (!server.bind_to_port("0.0.0.0", port))
    return std::cerr << argv[1] << ": this port is not free\n", 1;
  std::cout << "http://127.0.0.1:" << port << '/' << std::endl;
  return server.listen_after_bind() ? 0 : 1;
}
