/* Configs of clients. Hosts are always of this machine. */
#include "machine.h"

enum {
  KNOWN_FLAGS = OSSBIND_CLIENT_PLAIN_HTTP | OSSBIND_CLIENT_PATH_STYLE | OSSBIND_CLIENT_NO_CRC64 |
                OSSBIND_CLIENT_KEEP_CLOCK,
  /* Most clients that have one of them come to nothing. */
  SPECIAL_FLAGS = OSSBIND_CLIENT_CNAME | OSSBIND_CLIENT_INTERNAL | OSSBIND_CLIENT_DUAL_STACK |
                  OSSBIND_CLIENT_ACCELERATE | OSSBIND_CLIENT_NO_KEYS
};

static void check_log(void *userdata, ossbind_log_level level, const char *message) {
  const ossbind_log_level wanted = (ossbind_log_level)(uintptr_t)userdata;
  EXPECT_OF(level >= OSSBIND_LOG_LEVEL_WARNING && level <= wanted, message);
  EXPECT(message && *message);
  check_message(message);
}

static void choose_log(struct call *call, ossbind_client_config *config) {
  const uint32_t level = mistake(call, 20) ? any_number(call) : (uint32_t)roll(call, 4);
  const uint32_t wanted = level == OSSBIND_LOG_LEVEL_DEFAULT ? OSSBIND_LOG_LEVEL_INFO : level;
  config->log_level = level;
  config->log = one_in(call, 4) ? NULL : check_log;
  config->log_userdata = (void *)(uintptr_t)wanted;
}

static void choose_destination(struct call *call, ossbind_client_config *config) {
  static const char *const bad[] = {
      "",
      "http://",
      "ftp://127.0.0.1",
      "http://127.0.0.1:1",
      "http://127.0.0.1:99999",
      "http://[::1]:1",
      "http://u:p@127.0.0.1",
      "\xFF",
      "127.0.0.1:1\r\nX: y",
      "http://127.0.0.1/a",
  };
  config->endpoint =
      mistake(call, 8)
          ? one_of(call, bad, COUNT_OF(bad))
          : one_of(call, TEXTS(places.endpoint, places.endpoint, places.tls_endpoint, NULL));
  config->region =
      text_or(call, TEXTS("cn-hangzhou", "oss-cn-hangzhou", NULL), TEXTS("cn-beijing"));
  config->flags = any_flags(call, KNOWN_FLAGS);
  if (mistake(call, 6))
    config->flags |= any_flags(call, SPECIAL_FLAGS);
  if (one_in(call, 40)) {
    config->flags = OSSBIND_CLIENT_NO_KEYS;
    config->endpoint = config->region = NULL;
  }
  config->signature_version = mistake(call, 10) ? any_number(call) : one_in(call, 3) ? 1 : 4;
  config->user_agent = rare_text(call, TEXTS("camera/2.1"));
}

static void choose_network(struct call *call, ossbind_client_config *config) {
  static const char *const proxies[] = {
      "http://127.0.0.1:1",
      "socks5://user:" SECRET_PASSWORD "@127.0.0.1:1",
      "http://user:" SECRET_PASSWORD "@127.0.0.1:99999",
      "gopher://user:" SECRET_PASSWORD "@127.0.0.1",
      "http://user:" SECRET_PASSWORD "\r\n@127.0.0.1",
      "user:" SECRET_PASSWORD "@",
  };
  config->network_proxy = mistake(call, 6) ? one_of(call, proxies, COUNT_OF(proxies)) : "";
  config->network_no_proxy = rare_text(call, TEXTS("127.0.0.1", "localhost,.internal,10.0.0.1"));
  if (mistake(call, 10))
    config->network_source = text_of(call, TEXTS("127.0.0.1", "::1", "lo"));
  config->network_connect_timeout_ms = mistake(call, 10) ? any_number(call) : 500;
  config->network_idle_timeout_ms = 100 + (uint32_t)roll(call, 400);
  config->network_keep_alive_ms = one_in(call, 2) ? 0 : any_number(call);
  config->network_tcp_user_timeout_ms = mistake(call, 10) ? any_number(call) : 0;
  if (mistake(call, 10)) {
    config->network_low_speed_bytes_per_s = any_large_number(call);
    config->network_low_speed_window_ms = any_number(call);
    config->network_rate_limit_bytes_per_s = any_large_number(call);
  }
  config->retry_attempts = mistake(call, 20) ? any_number(call) : (uint32_t)roll(call, 4);
  config->retry_base_ms = 1 + (uint32_t)roll(call, 20);
  config->retry_max_ms = 1 + (uint32_t)roll(call, 50);
  config->clock_limit_s = mistake(call, 20) ? any_number(call) : 0;
}

/* The keys of the program, right and wrong. */
static void choose_own_keys(struct call *call, ossbind_client_config *config) {
  const size_t length = strlen(places.key_secret);
  char *broken = keep(call, length + 2);
  memcpy(broken, places.key_secret, length);
  broken[length] = one_in(call, 2) ? '\n' : '\xFF';
  config->access_key_id = text_of(call, TEXTS(places.key_id));
  config->access_key_secret =
      mistake(call, 10) ? broken : text_or(call, TEXTS(places.key_secret), TEXTS("another-secret"));
  config->security_token = text_of(call, TEXTS(places.token));
}

const ossbind_client_config *any_config(struct call *call) {
  ossbind_client_config config;
  ossbind_credentials_config credentials;
  struct giver *giver = NULL;
  int is_read = 1;
  int are_keys_read = 1;
  ossbind_client_config_init(&config);
  choose_destination(call, &config);
  choose_network(call, &config);
  choose_log(call, &config);
  config.tls = mistake(call, 10) ? NULL : any_tls(call);
  if (one_in(call, 3)) {
    giver = choose_keys(call, &credentials);
    config.credentials = sized(call, &credentials, sizeof credentials, &are_keys_read);
  }
  /* The keys of the environment else, or none. */
  if (!config.credentials ? !one_in(call, 4) : mistake(call, 20))
    choose_own_keys(call, &config);
  const void *made = sized(call, &config, sizeof config, &is_read);
  /* What the library cannot read it cannot free. */
  if (giver && !(is_read && are_keys_read))
    free_giver(giver);
  return made;
}
