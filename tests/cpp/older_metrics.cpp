// Metrics of a library that lacks the last member of this header.
#include "check.hpp"

#include <cstddef>
#include <cstring>
#include <vector>

int main() {
  std::vector<unsigned char> older(offsetof(ossbind_metrics, appended));
  const std::uint64_t received = 7;
  std::memcpy(older.data() + offsetof(ossbind_metrics, bytes_received), &received, sizeof received);
  const void *memory = older.data();
  const ossbind_metrics copy = ossbind::detail::copy(static_cast<const ossbind_metrics *>(memory));
  CHECK_EQ(copy.bytes_received, 7u);
  CHECK_EQ(copy.appended, 0u);
}
