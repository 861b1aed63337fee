#include "client.h"

ossbind_status new_client(const char *ca, ossbind_log_fn log, void *log_userdata,
                          ossbind_client **client, ossbind_error **error) {
  ossbind_client_config config;
  ossbind_tls_config tls;
  ossbind_client_config_init(&config);
  ossbind_tls_config_init(&tls);
  tls.ca_file = ca;
  config.tls = &tls;
  config.log_level = OSSBIND_LOG_LEVEL_WARNING;
  config.log = log;
  config.log_userdata = log_userdata;
  return ossbind_client_new(&config, client, error);
}
