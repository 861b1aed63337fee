// Who owns what: objects move, clients are shared on request, and big bodies are not copied.
#include "check.hpp"

#include <new>
#include <type_traits>

namespace {

std::size_t largest_allocation = 0;

void *allocate(std::size_t size) {
  largest_allocation = size > largest_allocation ? size : largest_allocation;
  return std::malloc(size > 0 ? size : 1);
}

} // namespace

void *operator new(std::size_t size) { return allocate(size); }
void *operator new[](std::size_t size) { return allocate(size); }
void operator delete(void *memory) noexcept { std::free(memory); }
void operator delete[](void *memory) noexcept { std::free(memory); }
void operator delete(void *memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void *memory, std::size_t) noexcept { std::free(memory); }

namespace {

const std::size_t BIG = 4 << 20;

template <class T> constexpr bool only_moves() {
  return std::is_nothrow_move_constructible<T>::value && !std::is_copy_constructible<T>::value;
}

static_assert(only_moves<ossbind::client>(), "client");
static_assert(std::is_copy_constructible<ossbind::failure>::value, "failure");
static_assert(only_moves<ossbind::upload_result>(), "upload_result");
static_assert(only_moves<ossbind::upload_outcome>(), "upload_outcome");
static_assert(only_moves<ossbind::outbox>(), "outbox");
static_assert(only_moves<ossbind::receipt>(), "receipt");
static_assert(!std::is_copy_constructible<ossbind::body>::value, "body");
static_assert(std::is_copy_constructible<ossbind::config>::value, "config");
static_assert(std::is_copy_constructible<ossbind::callback>::value, "callback");

// The request is complete, so that only the network stops it.
void check_sendable(const ossbind::client &client, ossbind::body body) {
  const ossbind::upload_request request("examplebucket", "key", std::move(body));
  CHECK_EQ(client.upload(request).status, OSSBIND_STATUS_TRANSPORT);
}

void clients() {
  ossbind::client first = ossbind::client::create(nobody());
  CHECK(first);
  ossbind::client second = first.ref();
  const ossbind::client moved = std::move(first);
  CHECK(moved && moved.c_ptr() != nullptr);
  second = ossbind::client();
  CHECK(!second);
  check_sendable(moved, ossbind::body::empty());
}

void errors() {
  const ossbind::client none;
  ossbind::upload_outcome outcome = none.upload(ossbind::upload_request());
  const ossbind::failure copy = outcome.error;
  const ossbind::failure error = std::move(outcome.error);
  CHECK(error && !outcome.error);
  CHECK(copy.c_ptr() == error.c_ptr());
  const ossbind::client client = ossbind::client::create(nobody());
  CHECK(client && !client.error());
}

void bodies() {
  const ossbind::client client = ossbind::client::create(nobody());
  std::string bytes(BIG, 'x');

  largest_allocation = 0;
  check_sendable(client, ossbind::body::memory(bytes));
  check_sendable(client, ossbind::body::memory(bytes.data(), bytes.size()));
  check_sendable(client, ossbind::body::memory(std::move(bytes)));
  CHECK(largest_allocation < BIG);
  check_sendable(client, ossbind::body::memory("from a literal"));

  ossbind::body owner = ossbind::body::memory(std::string("kept"));
  const ossbind::body taken = std::move(owner);
  ossbind::upload_request request("examplebucket", "key", std::move(owner));
  check_refused(client.upload(request).error, OSSBIND_STATUS_INVALID_ARGUMENT, "data", "NULL");
}

// What a program forgets to set must not turn into something else.
void unset_is_not_empty() {
  ossbind::text text;
  CHECK(!text.is_set());
  text = "";
  CHECK(text.is_set() && text.value().empty());
  text = static_cast<const char *>(nullptr);
  CHECK(!text.is_set());
  text = std::string("a");
  CHECK_EQ(text.value(), "a");
  text = {};
  CHECK(!text.is_set());
}

} // namespace

int main() {
  clients();
  errors();
  bodies();
  unset_is_not_empty();
}
