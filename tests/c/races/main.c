/* Everything at the same time, for ThreadSanitizer (scripts/check-races.sh). Arguments: seconds, a
 * file to upload, a folder for checkpoints, the endpoint that has TLS, its CA file. The endpoint without
 * TLS, bucket and callback URL are in the environment. Prints what happened. With the argument "misuse"
 * it does what must be reported instead. */
#include "load.h"

static unsigned long counts[COUNTS];
static int over;

void count(enum count what) { __atomic_add_fetch(&counts[what], 1, __ATOMIC_RELAXED); }

unsigned long counted(enum count what) { return __atomic_load_n(&counts[what], __ATOMIC_RELAXED); }

int is_over(void) { return __atomic_load_n(&over, __ATOMIC_RELAXED); }

static pthread_t threads[CLIENT_KINDS * WORKERS + READERS + CANCELLERS + MAKERS];
static int thread_count;

static void start(void *(*function)(void *), void *argument) {
  CHECK(pthread_create(&threads[thread_count], NULL, function, argument) == 0);
  thread_count++;
}

static void print_counts(void) {
  static const char *const names[COUNTS] = {
      [UPLOADED] = "uploads in one request",
      [UPLOADED_IN_PARTS] = "uploads in parts",
      [UPLOADED_STREAMS] = "uploads of streams",
      [UPLOADED_BUNDLES] = "uploads with a bundle",
      [UPLOADED_BY_PROCESS_CLIENT] = "uploads with the client of the process",
      [CALLBACK_FAILED] = "uploads whose callback failed",
      [FAILED] = "uploads that failed by the faults",
      [RETRIED] = "uploads that were tried again",
      [CANCELLED] = "uploads that were cancelled",
      [OUT_OF_TIME] = "uploads that ran out of time",
      [KEYS_GIVEN] = "keys given",
      [KEYS_FREED] = "functions for keys freed",
      [LOG_LINES] = "lines of log",
      [PROGRESS_CALLS] = "calls of progress",
      [SHARED_ERRORS] = "errors read by several threads",
      [SHARED_RESULTS] = "results read by several threads",
      [CLIENTS_MADE] = "clients made and freed",
  };
  int missing = 0;
  printf("%8d threads, %d of them on each of %d clients\n", thread_count, WORKERS, CLIENT_KINDS);
  for (int what = 0; what < COUNTS; what++) {
    printf("%8lu %s\n", counted((enum count)what), names[what]);
    missing += counted((enum count)what) == 0;
  }
  fflush(stdout);
  /* Else the load was not what it claims to be. */
  CHECK(missing == 0);
}

static struct places places;
static struct clients clients[CLIENT_KINDS];

static void make_shared_clients(void) {
  for (int kind = 0; kind < CLIENT_KINDS; kind++) {
    clients[kind].places = &places;
    clients[kind].with_keys = new_client(&places, (enum client_kind)kind);
    clients[kind].without_keys = new_client_without_keys(&places, (enum client_kind)kind);
  }
}

static void free_shared_clients(void) {
  for (int kind = 0; kind < CLIENT_KINDS; kind++) {
    ossbind_client_free(clients[kind].with_keys);
    ossbind_client_free(clients[kind].without_keys);
  }
}

static void start_all(void) {
  static struct worker workers[CLIENT_KINDS * WORKERS];
  static int numbers[READERS];
  for (int i = 0; i < CLIENT_KINDS * WORKERS; i++) {
    workers[i].number = i;
    workers[i].clients = clients[i % CLIENT_KINDS];
    workers[i].clients.with_keys = ossbind_client_ref(workers[i].clients.with_keys);
    start(work, &workers[i]);
  }
  for (int i = 0; i < READERS; i++) {
    numbers[i] = i;
    start(read_outcomes, &numbers[i]);
  }
  for (int i = 0; i < CANCELLERS; i++)
    start(cancel_uploads, NULL);
  for (int i = 0; i < MAKERS; i++)
    start(make_clients, &places);
}

int main(int argc, char **argv) {
  if (argc == 2 && strcmp(argv[1], "misuse") == 0) {
    write_while_uploading();
    return 0;
  }
  CHECK(argc == 6);
  places.plain_endpoint = getenv("OSS_ENDPOINT");
  places.bucket = getenv("OSS_BUCKET");
  places.callback_url = getenv("OSS_CALLBACK_URL");
  places.file = argv[2];
  places.checkpoint_dir = argv[3];
  places.tls_endpoint = argv[4];
  places.ca_file = argv[5];
  make_shared_clients();
  start_all();
  pause_ms(1000L * atoi(argv[1]));
  __atomic_store_n(&over, 1, __ATOMIC_RELAXED);
  for (int i = 0; i < thread_count; i++)
    CHECK(pthread_join(threads[i], NULL) == 0);
  empty_mailboxes();
  free_shared_clients();
  print_counts();
  return 0;
}
