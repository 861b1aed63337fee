// Asks OSS whether an object is there, after the answer to its upload was lost, and uploads again only when it is
// not. A flag spares a gateway the question: see c_examples/gateway.c.
//
//   find_after_lost_answer TIMEOUT_MS FILE [KEY]
//
// From the environment: OSS_ENDPOINT, OSS_REGION, OSS_ACCESS_KEY_ID, OSS_ACCESS_KEY_SECRET,
// OSS_BUCKET and OSS_CALLBACK_URL. Exit code: 0 stored, 1 anything else.
#include <ossbind.hpp>

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <thread>

static ossbind_advice report(const char *what, const ossbind::upload_outcome &outcome) {
  const ossbind_advice advice = outcome.error.advice();
  std::cout << what << ": " << ossbind_status_name(outcome.status) << ", "
            << ossbind_advice_name(advice) << '\n';
  if (outcome.error)
    std::cerr << outcome.error.message() << '\n';
  return advice;
}

static ossbind_advice upload(const ossbind::client &client, const char *path, const char *key,
                             std::chrono::milliseconds timeout) {
  ossbind::upload_request request(std::getenv("OSS_BUCKET"), key, ossbind::body::file(path));
  request.callback.url(std::getenv("OSS_CALLBACK_URL")).form_body("object=${object}&size=${size}");
  request.timeout = timeout;
  return report("upload", client.upload(request));
}

// Asks until OSS has decided: what was sent may still be on its way.
static ossbind_advice find(const ossbind::client &client, const char *path, const char *key) {
  // Size and CRC-64 of this content are compared.
  ossbind::find_request request(std::getenv("OSS_BUCKET"), key, ossbind::body::file(path));
  for (;;) {
    const ossbind::upload_outcome outcome = client.find(request);
    const ossbind_advice advice = report("find", outcome);
    if (advice != OSSBIND_ADVICE_LOOK)
      return advice;
    const std::chrono::milliseconds wait = outcome.error.retry_after();
    std::this_thread::sleep_for(wait);
    request.doubt_age += wait;
  }
}

int main(int argc, char **argv) {
  if (argc < 3) {
    std::cerr << "usage: find_after_lost_answer TIMEOUT_MS FILE [KEY]\n";
    return 1;
  }
  const std::chrono::milliseconds timeout(std::strtoul(argv[1], nullptr, 10));
  const char *key = argc > 3 ? argv[3] : "ossbind-example";
  const ossbind::client client = ossbind::client::from_environment();
  if (!client) {
    std::cerr << client.error().message() << '\n';
    return 1;
  }
  ossbind_advice advice = upload(client, argv[2], key, timeout);
  if (advice == OSSBIND_ADVICE_LOOK)
    advice = find(client, argv[2], key);
  if (advice == OSSBIND_ADVICE_AGAIN)
    advice = upload(client, argv[2], key, timeout);
  return advice == OSSBIND_ADVICE_DONE ? 0 : 1;
}
