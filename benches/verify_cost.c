/* What verifying a callback costs: time and memory of a million checks, with the release of the library. Fails
 * when one takes more than 50 microseconds, or when memory grows. `make bench-verify` runs it. */
#define _POSIX_C_SOURCE 200809L
#include <ossbind.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define CHECKS 1000000
#define MOST_US 50.0
/* The allocator may keep a few pages. */
#define MOST_GROWTH_KIB 64
#define TARGET "/uploaded?from=board"

/* Of this process, whatever else the machine does. */
static double cpu_seconds(void) {
  struct timespec used;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return (double)used.tv_sec + (double)used.tv_nsec / 1e9;
}

/* Counted page by page; the short numbers of /proc lag behind. */
static long anonymous_kib(void) {
  char line[256];
  long kib = -1;
  FILE *file = fopen("/proc/self/smaps_rollup", "r");
  while (file && kib < 0 && fgets(line, sizeof line, file))
    sscanf(line, "Anonymous: %ld", &kib);
  if (kib < 0)
    abort();
  fclose(file);
  return kib;
}

static void expect(ossbind_status status, ossbind_status wanted) {
  if (status != wanted) {
    fprintf(stderr, "%s instead of %s\n", ossbind_status_name(status), ossbind_status_name(wanted));
    exit(1);
  }
}

static void check(const ossbind_verifier *verifier, const ossbind_received_request *request,
                  ossbind_status wanted) {
  ossbind_received_callback *callback = NULL;
  ossbind_error *error = NULL;
  expect(ossbind_verifier_check(verifier, request, &callback, &error), wanted);
  ossbind_received_callback_free(callback);
  ossbind_error_free(error);
}

/* Whether it is as cheap as it has to be. */
static int measure(const char *what, const ossbind_verifier *verifier,
                   const ossbind_received_request *request, ossbind_status wanted) {
  for (int i = 0; i < CHECKS / 100; i++)
    check(verifier, request, wanted);
  const long before = anonymous_kib();
  const double began = cpu_seconds();
  for (int i = 0; i < CHECKS; i++)
    check(verifier, request, wanted);
  const double each_us = (cpu_seconds() - began) / CHECKS * 1e6;
  const long growth = anonymous_kib() - before;
  printf("%-28s %5.1f us of CPU, and %ld KiB after %d\n", what, each_us, growth, CHECKS);
  return each_us <= MOST_US && growth <= MOST_GROWTH_KIB;
}

int main(void) {
  const ossbind_pair secret = {"camera-7", "a secret of 25 characters"};
  ossbind_seal_request sealed;
  ossbind_seal_request_init(&sealed);
  sealed.secret = secret;
  sealed.bucket = "examplebucket";
  sealed.key = "camera/photo.jpg";
  char seal[OSSBIND_SEAL_CAPACITY], body[OSSBIND_SEAL_CAPACITY + 128];
  expect(ossbind_seal(&sealed, seal, NULL), OSSBIND_STATUS_OK);
  snprintf(body, sizeof body,
           "object=camera%%2Fphoto.jpg&size=114020&etag=5D41402ABC4B2A76B9719D911017C592"
           "&reqId=534B371674E88A4D8906008B&seal=%s",
           seal);

  ossbind_test_callback *signed_one = NULL;
  expect(ossbind_test_callback_new(TARGET, (const uint8_t *)body, strlen(body), &signed_one, NULL),
         OSSBIND_STATUS_OK);
  ossbind_pair headers[16] = {{"Host", "app.example.com"},
                              {"Connection", "close"},
                              {"Content-Length", "200"},
                              {"Content-Type", "application/x-www-form-urlencoded"},
                              {"Date", "Fri, 27 Nov 2026 10:00:00 GMT"},
                              {"User-Agent", "aliyun-oss-callback"},
                              {"x-oss-bucket", "examplebucket"},
                              {"x-oss-request-id", "534B371674E88A4D8906008B"},
                              {"x-oss-requester", "1234567890123456"},
                              {"x-oss-tag", "CALLBACK"}};
  ossbind_received_request request;
  ossbind_received_request_init(&request);
  request.method = "POST";
  request.target = TARGET;
  request.headers = headers;
  request.header_count = 10;
  request.body = (const uint8_t *)body;
  request.body_len = strlen(body);
  for (size_t i = 0; ossbind_test_callback_header_at(signed_one, i, &headers[10 + i].name,
                                                     &headers[10 + i].value);
       i++)
    request.header_count++;

  ossbind_verifier_config config;
  ossbind_verifier_config_init(&config);
  config.flags = OSSBIND_VERIFIER_DANGER_ACCEPT_TEST_KEY;
  ossbind_verifier *plain = NULL, *sealing = NULL;
  expect(ossbind_verifier_new(&config, &plain, NULL), OSSBIND_STATUS_OK);
  config.seal_keys = &secret;
  config.seal_key_count = 1;
  expect(ossbind_verifier_new(&config, &sealing, NULL), OSSBIND_STATUS_OK);

  int good = measure("a good callback", plain, &request, OSSBIND_STATUS_OK);
  check(sealing, &request, OSSBIND_STATUS_OK);
  good &= measure("one that is replayed", sealing, &request, OSSBIND_STATUS_REPLAYED);
  request.body_len--;
  good &= measure("one that was changed", plain, &request, OSSBIND_STATUS_SIGNATURE_WRONG);
  ossbind_verifier_free(plain);
  ossbind_verifier_free(sealing);
  ossbind_test_callback_free(signed_one);
  return good ? 0 : 1;
}
