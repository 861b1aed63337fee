/* The C API as a machine of random calls: every function, with good and bad arguments, from several
 * threads, while things go wrong at the service. Arguments: seed, calls, threads, the endpoint that has
 * TLS, its CA file. The endpoint without TLS, keys, bucket and callback URL are in the environment, what
 * there is to upload in the working folder. Prints how often each function was called and each status came.
 *
 * What is called, and with what, comes of the seed, whatever the number of threads. What is on the board, and
 * what goes wrong, also depends on their order. */
#include "machine.h"

enum { MAX_THREADS = 64 };

struct places places;

static uint64_t seed;
static unsigned long calls;
static unsigned thread_count;

/* Those that do more stand here more often. */
static void (*const kinds[])(struct call *) = {
    upload_with_client,
    upload_with_client,
    upload_with_client,
    upload_with_client,
    upload_with_client,
    upload_with_client,
    upload_in_one_call,
    upload_in_one_call,
    find_object,
    find_object,
    make_client,
    make_client,
    make_client,
    share_client,
    make_cancel,
    make_cancel,
    make_cancel,
    trigger_cancel,
    sign_url,
    sign_url,
    sign_headers,
    sign_form,
    sign_form,
    encode_callback,
    encode_callback,
    ask_names,
    use_nothing,
    read_what_others_got,
    use_outbox,
    check_callback,
    check_callback,
    render_callback,
    receive,
};

static void make_call(struct call *call) { kinds[roll(call, COUNT_OF(kinds))](call); }

void make_inner_call(struct call *outer) {
  struct call inner;
  begin_inner_call(&inner, outer);
  make_call(&inner);
  end_call(&inner);
  set_current_call(outer);
}

static void *work(void *number) {
  for (unsigned long i = *(unsigned *)number; i < calls; i += thread_count) {
    struct call call;
    begin_call(&call, seed, i);
    make_call(&call);
    end_call(&call);
  }
  return NULL;
}

static void run_threads(void) {
  pthread_t threads[MAX_THREADS];
  unsigned numbers[MAX_THREADS];
  for (unsigned i = 0; i < thread_count; i++) {
    numbers[i] = i;
    EXPECT(pthread_create(&threads[i], NULL, work, &numbers[i]) == 0);
  }
  for (unsigned i = 0; i < thread_count; i++)
    EXPECT(pthread_join(threads[i], NULL) == 0);
}

static const char *variable(const char *name) {
  const char *value = getenv(name);
  EXPECT_OF(value && *value, name);
  return value;
}

static void read_places(char **arguments) {
  seed = strtoull(arguments[1], NULL, 10);
  calls = strtoul(arguments[2], NULL, 10);
  thread_count = (unsigned)strtoul(arguments[3], NULL, 10);
  EXPECT(thread_count > 0 && thread_count <= MAX_THREADS);
  places.tls_endpoint = arguments[4];
  places.ca_file = arguments[5];
  places.endpoint = variable("OSS_ENDPOINT");
  places.callback_url = variable("OSS_CALLBACK_URL");
  places.bucket = variable("OSS_BUCKET");
  places.key_id = variable("OSS_ACCESS_KEY_ID");
  places.key_secret = variable("OSS_ACCESS_KEY_SECRET");
  places.token = variable("OSS_SESSION_TOKEN");
}

int main(int argc, char **argv) {
  EXPECT(argc == 6);
  read_places(argv);
  /* Before all else, for a sanitizer ends the program without another word. */
  fprintf(stderr, "seed %" PRIu64 ", %lu calls, %u threads\n", seed, calls, thread_count);
  const struct process before = look_at_process();
  run_threads();
  clear_board();
  check_process(before);
  check_givers();
  print_counts();
  return 0;
}
