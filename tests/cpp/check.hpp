// Checks that say what failed and end the test.
#ifndef OSSBIND_TESTS_CHECK_HPP
#define OSSBIND_TESTS_CHECK_HPP

#include <ossbind.hpp>

#include <cstdlib>
#include <iostream>
#include <string>

#define CHECK(condition)                                                                \
  do {                                                                                  \
    if (!(condition)) {                                                                 \
      std::cerr << __FILE__ << ':' << __LINE__ << ": " << #condition << " is not so\n"; \
      std::exit(1);                                                                     \
    }                                                                                   \
  } while (0)

#define CHECK_EQ(actual, expected) check_equal((actual), (expected), __FILE__, __LINE__, #actual)

template <class Actual, class Expected>
void check_equal(const Actual &actual, const Expected &expected, const char *file, int line,
                 const char *what) {
  if (actual == expected)
    return;
  std::cerr << file << ':' << line << ": " << what << " is\n  " << actual << "\ninstead of\n  "
            << expected << '\n';
  std::exit(1);
}

// An error that was found before anything was sent, and that names a field.
inline void check_refused(const ossbind::failure &error, ossbind_status status,
                          const std::string &field, const std::string &part_of_message) {
  CHECK(error);
  CHECK_EQ(error.field(), field);
  CHECK_EQ(error.status(), status);
  CHECK_EQ(error.message().compare(0, field.size(), field), 0);
  if (error.message().find(part_of_message) == std::string::npos)
    CHECK_EQ(error.message(), part_of_message);
  CHECK_EQ(error.object_state(), OSSBIND_OBJECT_STATE_NOT_STORED);
  CHECK(error.advice() == OSSBIND_ADVICE_FIX_REQUEST ||
        error.advice() == OSSBIND_ADVICE_FIX_SETTINGS);
}

// Nothing listens there, so that a request that slips through a check shows as a failed connection.
inline ossbind::config nobody() {
  ossbind::config config;
  config.endpoint = "http://127.0.0.1:1";
  config.region = "cn-hangzhou";
  config.access_key_id = "ak";
  config.access_key_secret = "sk";
  config.network_proxy = "";
  return config;
}

#endif
