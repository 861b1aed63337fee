/* Where keys come from. */
#include "machine.h"

/* A function for keys runs on a thread of the library, so it has dice of its own. */
struct giver {
  uint64_t dice;
  int is_giving;
};

static unsigned long givers;
static unsigned long freed_givers;

void free_giver(void *giver) {
  free(giver);
  __atomic_add_fetch(&freed_givers, 1, __ATOMIC_RELAXED);
}

void check_givers(void) { EXPECT(givers == freed_givers); }

static ossbind_status set(ossbind_credentials_sink *sink, const char *id, const char *secret,
                          uint32_t lifetime_s) {
  return CALL(ossbind_credentials_sink_set)(sink, id, secret, places.token, lifetime_s);
}

static int32_t give_good_keys(ossbind_credentials_sink *sink, uint64_t die) {
  const uint32_t lifetime_s = die % 2 == 0 ? 0 : (uint32_t)(die % 8);
  EXPECT(set(sink, places.key_id, places.key_secret, lifetime_s) == OSSBIND_STATUS_OK);
  return 0;
}

/* What is said of a secret with a bad character must not have the secret. */
static int32_t give_bad_keys(ossbind_credentials_sink *sink, uint64_t die) {
  char secret[200];
  snprintf(secret, sizeof secret, "%s%s", places.key_secret, die % 2 == 0 ? "\n" : "\xFF");
  EXPECT(set(sink, places.key_id, secret, 0) == OSSBIND_STATUS_INVALID_ARGUMENT);
  EXPECT(set(sink, NULL, places.key_secret, 0) == OSSBIND_STATUS_INVALID_ARGUMENT);
  EXPECT(set(sink, "", places.key_secret, 0) == OSSBIND_STATUS_INVALID_ARGUMENT);
  EXPECT(set(NULL, places.key_id, places.key_secret, 0) == OSSBIND_STATUS_INVALID_ARGUMENT);
  return (int32_t)(die % 3);
}

static int32_t say_why_not(ossbind_credentials_sink *sink, uint64_t die) {
  static const char *const reasons[] = {NULL, "", "no keys today", "\xFF", "a\r\nb: \x1B[2J"};
  CALL(ossbind_credentials_sink_fail)(NULL, reasons[die % COUNT_OF(reasons)]);
  CALL(ossbind_credentials_sink_fail)(sink, reasons[die % COUNT_OF(reasons)]);
  return 1 + (int32_t)(die % 100);
}

static int32_t give_keys(void *userdata, ossbind_credentials_sink *sink) {
  struct giver *giver = userdata;
  int32_t code;
  /* One call at a time for each client. */
  EXPECT(!__atomic_exchange_n(&giver->is_giving, 1, __ATOMIC_ACQUIRE));
  const uint64_t die = next_of(&giver->dice);
  switch (die >> 60) {
  case 0:
    code = 0;
    break;
  case 1:
    code = -5;
    break;
  case 2:
    code = give_bad_keys(sink, die);
    break;
  case 3:
    code = say_why_not(sink, die);
    break;
  case 4:
    give_good_keys(sink, die);
    code = say_why_not(sink, die);
    break;
  default:
    code = give_good_keys(sink, die);
  }
  __atomic_store_n(&giver->is_giving, 0, __ATOMIC_RELEASE);
  return code;
}

static struct giver *choose_function(struct call *call, ossbind_credentials_config *credentials) {
  struct giver *giver = calloc(1, sizeof *giver);
  EXPECT(giver);
  giver->dice = next_of(&call->dice);
  __atomic_add_fetch(&givers, 1, __ATOMIC_RELAXED);
  credentials->kind = OSSBIND_CREDENTIALS_KIND_FUNCTION;
  credentials->function = mistake(call, 20) ? NULL : give_keys;
  credentials->userdata = giver;
  credentials->userdata_free = free_giver;
  return giver;
}

/* A source, and what it needs. */
static void choose_source(struct call *call, ossbind_credentials_config *credentials) {
  switch (roll(call, 6)) {
  case 0:
    credentials->kind = any_number(call);
    break;
  case 1:
    credentials->kind = OSSBIND_CREDENTIALS_KIND_CHAIN;
    break;
  case 2:
    credentials->kind = OSSBIND_CREDENTIALS_KIND_CLI_PROFILE;
    credentials->argument = rare_text(call, TEXTS("default", "other"));
    credentials->file = text_of(call, TEXTS("profile.json", "broken-keys", "missing"));
    break;
  case 3:
    credentials->kind = OSSBIND_CREDENTIALS_KIND_INI_PROFILE;
    credentials->argument = rare_text(call, TEXTS("default", "other"));
    credentials->file = text_of(call, TEXTS("profile.ini", "broken-keys", "fifo", "."));
    break;
  case 4:
    credentials->kind = OSSBIND_CREDENTIALS_KIND_PROCESS;
    credentials->argument =
        text_of(call, TEXTS("cat keys.json", "cat broken-keys", "exit 3", "kill -9 $$"));
    break;
  default:
    credentials->kind = OSSBIND_CREDENTIALS_KIND_URI;
    credentials->argument = text_of(call, TEXTS("http://127.0.0.1:1/", places.endpoint));
  }
}

struct giver *choose_keys(struct call *call, ossbind_credentials_config *credentials) {
  struct giver *giver = NULL;
  ossbind_credentials_config_init(credentials);
  if (one_in(call, 3))
    choose_source(call, credentials);
  else
    giver = choose_function(call, credentials);
  /* Left over from another kind. */
  if (mistake(call, 20))
    credentials->file = bad_text(call);
  if (mistake(call, 20))
    credentials->argument = bad_text(call);
  credentials->reserved = mistake(call, 50) ? any_number(call) : 0;
  call->leaves_home = credentials->kind == OSSBIND_CREDENTIALS_KIND_ECS_RAM_ROLE;
  return giver;
}
