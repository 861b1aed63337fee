/* Clients whose keys live for a second, made and freed while others use theirs. */
#include "load.h"

/* Keys that the service knows: STS.race-0 and so on. */
enum { KEYS = 16, KEY_LIFETIME_S = 1 };

/* What the function for keys has for itself. */
struct keys {
  unsigned calls;
  unsigned number; /* of the client, so that not all begin with the same key */
};

static unsigned clients_made;

/* Gives another key each time. One call at a time, so `calls` needs nothing: a second one at the same
 * time would be a race. */
static int32_t give_keys(void *userdata, ossbind_credentials_sink *sink) {
  struct keys *keys = userdata;
  char id[32];
  count(KEYS_GIVEN);
  snprintf(id, sizeof id, "STS.race-%u", (keys->number + keys->calls++) % KEYS);
  if (keys->calls % 3 == 0)
    pause_ms(20);
  return ossbind_credentials_sink_set(sink, id, "race-secret", "race-token", KEY_LIFETIME_S) ==
                 OSSBIND_STATUS_OK
             ? 0
             : 1;
}

static void free_keys(void *userdata) {
  count(KEYS_FREED);
  free(userdata);
}

/* Reads all of the message. */
static void log_line(void *userdata, ossbind_log_level level, const char *message) {
  CHECK(userdata == NULL && level >= OSSBIND_LOG_LEVEL_WARNING && strlen(message) > 0);
  count(LOG_LINES);
}

static void begin_config(ossbind_client_config *config, ossbind_tls_config *tls,
                         const struct places *places, enum client_kind kind) {
  ossbind_client_config_init(config);
  ossbind_tls_config_init(tls);
  tls->ca_file = kind == WITH_TLS ? places->ca_file : NULL;
  tls->handshake_timeout_ms = 5000;
  config->tls = tls;
  config->network_proxy = "";
  config->log = log_line;
  config->log_level = OSSBIND_LOG_LEVEL_DEBUG;
  config->network_connect_timeout_ms = config->network_idle_timeout_ms = 5000;
  config->retry_base_ms = 10;
  config->network_keep_alive_ms = 300;
}

static void take_keys_of_function(ossbind_credentials_config *credentials) {
  struct keys *keys = malloc(sizeof *keys);
  CHECK(keys);
  keys->calls = 0;
  keys->number = __atomic_fetch_add(&clients_made, 1, __ATOMIC_RELAXED);
  credentials->kind = OSSBIND_CREDENTIALS_KIND_FUNCTION;
  credentials->function = give_keys;
  credentials->userdata = keys;
  credentials->userdata_free = free_keys;
}

ossbind_client *new_client(const struct places *places, enum client_kind kind) {
  ossbind_client_config config;
  ossbind_tls_config tls;
  ossbind_credentials_config credentials;
  ossbind_client *client = NULL;
  ossbind_error *error = NULL;
  begin_config(&config, &tls, places, kind);
  ossbind_credentials_config_init(&credentials);
  config.credentials = &credentials;
  config.endpoint = kind == WITH_TLS ? places->tls_endpoint : places->plain_endpoint;
  config.region = "cn-hangzhou";
  if (kind == WITH_CHAIN) {
    credentials.kind = OSSBIND_CREDENTIALS_KIND_CHAIN;
    config.signature_version = OSSBIND_SIGNATURE_VERSION_V1;
  } else {
    take_keys_of_function(&credentials);
    config.network_rate_limit_bytes_per_s = 64 << 20;
  }
  if (ossbind_client_new(&config, &client, &error) != OSSBIND_STATUS_OK)
    fprintf(stderr, "%s\n", ossbind_error_message(error));
  CHECK(client && !error);
  return client;
}

ossbind_client *new_client_without_keys(const struct places *places, enum client_kind kind) {
  ossbind_client_config config;
  ossbind_tls_config tls;
  ossbind_client *client = NULL;
  begin_config(&config, &tls, places, kind);
  config.flags = OSSBIND_CLIENT_NO_KEYS;
  CHECK(ossbind_client_new(&config, &client, NULL) == OSSBIND_STATUS_OK);
  return client;
}

/* Uses a reference while the other one is freed, in the thread that made the client. */
static void *use_reference(void *argument) {
  ossbind_client *client = argument;
  ossbind_upload_request request;
  ossbind_upload_request_init(&request);
  request.bucket = "examplebucket";
  request.key = "made";
  request.body = OSSBIND_BODY_KIND_MEMORY;
  /* So short that it often ends while the function for keys is still asked. */
  request.timeout_ms = 30;
  ossbind_status status = ossbind_client_upload(client, &request, NULL, NULL);
  (void)status;
  ossbind_client_free(client);
  return NULL;
}

void *make_clients(void *argument) {
  const struct places *places = argument;
  for (int i = 0; !is_over(); i++) {
    pthread_t thread;
    ossbind_client *client = new_client(places, (enum client_kind)(i % CLIENT_KINDS));
    CHECK(pthread_create(&thread, NULL, use_reference, ossbind_client_ref(client)) == 0);
    if (i % 2 == 0)
      pause_ms(5);
    ossbind_client_free(client);
    CHECK(pthread_join(thread, NULL) == 0);
    count(CLIENTS_MADE);
  }
  return NULL;
}
