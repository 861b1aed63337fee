// An outbox in the folder that is given: what is added is listed, sent, and leaves receipts.
#include "check.hpp"

#include <chrono>
#include <fstream>
#include <map>
#include <poll.h>
#include <utility>

namespace {

template <class Outcome> void check_ok(const Outcome &outcome) {
  CHECK_EQ(outcome.error.message(), "");
  CHECK(outcome.ok() && outcome.status == OSSBIND_STATUS_OK);
}

ossbind::upload_request request(const char *key, ossbind::body body) {
  return ossbind::upload_request(std::getenv("OSS_BUCKET"), key, std::move(body));
}

ossbind::outbox open(const std::string &folder, const ossbind::client *client) {
  ossbind::outbox_config config;
  config.folder = folder;
  config.client = client;
  config.when_full = ossbind::outbox_when_full::drop_oldest;
  config.min_free_bytes = 1;
  config.min_free_inodes = 1;
  ossbind::outbox outbox = ossbind::outbox::open(config);
  CHECK_EQ(outbox.error().message(), "");
  CHECK(outbox && outbox.c_ptr() != nullptr);
  return outbox;
}

std::uint64_t add_memory(const ossbind::outbox &outbox) {
  ossbind::upload_request memory = request("memory", ossbind::body::memory("memory"));
  memory.content_type = "text/x-test";
  memory.callback.url(std::getenv("OSS_CALLBACK_URL")).form_body("id=${x:id}").variable("x:id", 7);
  ossbind::outbox_options options;
  options.caller_id = "first";
  options.priority = 9;
  const ossbind::outbox_result<std::uint64_t> added = outbox.add(memory, options);
  check_ok(added);
  CHECK_EQ(outbox.add(memory, options).value, added.value);
  return added.value;
}

std::uint64_t add_file(const ossbind::outbox &outbox, const std::string &path) {
  std::ofstream(path) << "file";
  ossbind::outbox_options options;
  options.keep = ossbind::outbox_keep::move;
  options.later = true;
  const ossbind::outbox_result<std::uint64_t> added =
      outbox.add(request("file", ossbind::body::file(path)), options);
  check_ok(added);
  check_ok(outbox.commit());
  CHECK(!std::ifstream(path).good());
  return added.value;
}

// What is held is listed and can be let go, or removed.
void hold_and_remove(const ossbind::outbox &outbox) {
  ossbind::outbox_options options;
  options.held = true;
  options.order = "camera";
  const std::uint64_t id =
      outbox.add(request("removed", ossbind::body::memory("removed")), options).value;
  CHECK_EQ(outbox.stats().value.held, 1u);
  check_ok(outbox.release(id));
  CHECK_EQ(outbox.stats().value.waiting, 3u);
  check_ok(outbox.hold(id));
  for (const ossbind::outbox_item &item : outbox.items().value) {
    const bool is_held = item.state == ossbind::item_state::held;
    CHECK_EQ(is_held, item.id == id);
    CHECK_EQ(item.order, is_held ? "camera" : "");
  }
  check_ok(outbox.remove(id));
  CHECK_EQ(outbox.remove(id).status, ossbind::status::not_found);
}

void lists(const ossbind::outbox &outbox, std::uint64_t memory, std::uint64_t file) {
  const ossbind::outbox_result<std::vector<ossbind::outbox_item>> items = outbox.items();
  check_ok(items);
  CHECK_EQ(items.value.size(), 2u);
  CHECK_EQ(items.value[0].id, memory);
  CHECK_EQ(items.value[0].caller_id, "first");
  CHECK_EQ(items.value[0].priority, 9u);
  CHECK_EQ(items.value[1].id, file);
  CHECK_EQ(items.value[1].key, "file");
  CHECK_EQ(items.value[1].size, 4u);
  CHECK(items.value[1].state == ossbind::item_state::waiting);
  const ossbind::outbox_result<ossbind::outbox_item> found = outbox.find_item(file);
  check_ok(found);
  CHECK_EQ(found.value.key, "file");
  CHECK_EQ(outbox.find_item(1000000).status, ossbind::status::not_found);
  CHECK_EQ(outbox.find_receipt(file).status, ossbind::status::not_found);
  int seen = 0;
  check_ok(outbox.each([&](const ossbind::outbox_item &) { return ++seen < 1; }));
  CHECK_EQ(seen, 1);
#if OSSBIND_EXCEPTIONS
  try {
    (void)outbox.each([](const ossbind::outbox_item &item) { throw item.id; });
    CHECK(false);
  } catch (std::uint64_t id) {
    CHECK_EQ(id, memory);
  }
#endif
}

void receipts(const ossbind::outbox &outbox, std::uint64_t memory, std::uint64_t file) {
  std::map<std::uint64_t, ossbind::receipt> all;
  for (;;) {
    ossbind::outbox_result<ossbind::receipt> next = outbox.next_receipt();
    check_ok(next);
    if (!next.value)
      break;
    const std::uint64_t id = next.value.id();
    all[id] = std::move(next.value);
  }
  CHECK_EQ(all.size(), 2u);
  const ossbind::outbox_result<ossbind::receipt> again = outbox.find_receipt(file);
  check_ok(again);
  CHECK_EQ(again.value.key(), "file");
  for (const auto &entry : all) {
    const ossbind::receipt &receipt = entry.second;
    CHECK(receipt.outcome() == ossbind::item_outcome::acknowledged);
    CHECK(receipt.status() == ossbind::status::ok && receipt.message().empty());
    CHECK_EQ(receipt.bucket(), std::getenv("OSS_BUCKET"));
    CHECK_EQ(receipt.http_status(), 200);
    CHECK_EQ(receipt.attempts(), 1u);
    CHECK(!receipt.etag().empty() && !receipt.request_id().empty() && !receipt.told());
    std::uint64_t crc64 = 0;
    CHECK(receipt.crc64(crc64) && crc64 != 0);
  }
  CHECK_EQ(all[memory].key() + " " + all[memory].caller_id(), "memory first");
  CHECK_EQ(all[memory].content_type(), "text/x-test");
  CHECK_EQ(all[memory].callback_answer(), "{\"a\":1}");
  CHECK(all[memory].variables() == ossbind::string_pairs(1, {"x:id", "7"}));
  CHECK_EQ(all[file].key(), "file");
  CHECK_EQ(all[file].size(), 4u);
  CHECK(all[file].caller_id().empty() && all[file].callback_answer().empty());
  for (const auto &entry : all)
    check_ok(outbox.acknowledge(entry.first));
  CHECK_EQ(outbox.acknowledge(memory).status, ossbind::status::not_found);
  CHECK(outbox.items().value.empty());
}

void threads(const ossbind::outbox &outbox) {
  check_ok(outbox.set_network(false));
  check_ok(outbox.start());
  CHECK_EQ(outbox.run(ossbind::outbox_run::until_idle).status, ossbind::status::outbox_busy);
  check_ok(outbox.add(request("thread", ossbind::body::memory("thread"))));
  check_ok(outbox.set_network(true));
  check_ok(outbox.retry_now());
  CHECK_EQ(outbox.renew(1, "{}").status, ossbind::status::not_found);
  struct pollfd readable = {outbox.receipt_fd(), POLLIN, 0};
  ossbind::receipt receipt;
  while (!receipt) {
    CHECK_EQ(poll(&readable, 1, 60000), 1);
    receipt = std::move(outbox.next_receipt().value);
  }
  outbox.stop();
  CHECK_EQ(receipt.key(), "thread");
  check_ok(outbox.acknowledge(receipt.id()));
}

void refused(const ossbind::outbox &outbox) {
  ossbind::outbox_options options;
  options.caller_id = std::string("a\0b", 3);
  check_refused(outbox.add(request("key", ossbind::body::empty()), options).error,
                OSSBIND_STATUS_INVALID_ARGUMENT, "options.caller_id", "NUL");
  const ossbind::outbox none = ossbind::outbox::open(ossbind::outbox_config());
  check_refused(none.error(), OSSBIND_STATUS_INVALID_ARGUMENT, "folder", "");
  CHECK(!none && none.receipt_fd() == -1);
  CHECK_EQ(none.items().error.field(), "folder");
  CHECK(!ossbind::outbox().commit().ok());
  CHECK_EQ(ossbind::receipt().key(), "");
}

} // namespace

int main(int, char **arguments) {
  const std::string folder(arguments[1]);
  const ossbind::client client = ossbind::client::from_environment();
  CHECK(client);
  ossbind::outbox outbox = open(folder + "/outbox", nullptr);
  const std::uint64_t memory = add_memory(outbox);
  const std::uint64_t file = add_file(outbox, folder + "/file");
  hold_and_remove(outbox);
  lists(outbox, memory, file);
  CHECK_EQ(outbox.run(ossbind::outbox_run::until_empty).error.field(), "client");
  outbox = open(folder + "/outbox", &client);
  check_ok(outbox.run(ossbind::outbox_run::until_empty, std::chrono::minutes(1)));
  receipts(outbox, memory, file);
  threads(outbox);
  refused(outbox);
}
