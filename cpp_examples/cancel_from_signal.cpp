// Ends an upload with Ctrl-C (SIGINT) or SIGTERM, wherever it is, and says what is true of the object then.
//
//   cancel_from_signal FILE [KEY]
//
// From the environment: OSS_ENDPOINT, OSS_REGION, OSS_ACCESS_KEY_ID, OSS_ACCESS_KEY_SECRET,
// OSS_BUCKET and OSS_CALLBACK_URL. Exit code: 0 acknowledged, 2 stored but the callback failed,
// 1 anything else.
#include <ossbind.hpp>

#include <csignal>
#include <cstdlib>
#include <iostream>

// Lives until the program ends, as the handler does.
static ossbind::cancel_source cancel;

extern "C" void on_signal(int) {
  cancel.cancel();
} // takes no lock, so a signal handler may call it

int main(int argc, char **argv) {
  if (argc < 2) {
    std::cerr << "usage: cancel_from_signal FILE [KEY]\n";
    return 1;
  }
  std::signal(SIGINT, on_signal);
  std::signal(SIGTERM, on_signal);

  ossbind::upload_request request(std::getenv("OSS_BUCKET"), argc > 2 ? argv[2] : "ossbind-example",
                                  ossbind::body::file(argv[1]));
  request.callback.url(std::getenv("OSS_CALLBACK_URL")).form_body("object=${object}&size=${size}");
  request.cancel = &cancel;
  const ossbind::upload_outcome outcome = ossbind::upload(request);

  std::cout << ossbind_status_name(outcome.status) << '\n';
  if (outcome.error)
    std::cerr << outcome.error.message() << " ("
              << ossbind_object_state_name(outcome.error.object_state()) << ", "
              << ossbind_advice_name(outcome.error.advice()) << ")\n";
  return outcome.ok() ? 0 : outcome.callback_failed() ? 2 : 1;
}
