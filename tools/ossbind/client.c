#include "client.h"

ossbind_status new_client(const char *ca, ossbind_client **client, ossbind_error **error) {
  ossbind_client_config config;
  ossbind_tls_config tls;
  ossbind_client_config_init(&config);
  ossbind_tls_config_init(&tls);
  tls.ca_file = ca;
  config.tls = &tls;
  return ossbind_client_new(&config, client, error);
}
