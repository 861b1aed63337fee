/* The steps before anything is sent: configuration and name. */
#define _POSIX_C_SOURCE 200809L
#include "addresses.h"
#include "doctor.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static ossbind_status new_client(struct doctor *doctor, ossbind_error **error) {
  ossbind_client_config config;
  ossbind_tls_config tls;
  ossbind_client_config_init(&config);
  ossbind_tls_config_init(&tls);
  tls.ca_file = doctor->ca;
  config.tls = &tls;
  /* A second attempt is enough to sign with the time of OSS, or to pass over a lost packet. */
  config.retry_attempts = 2;
  return ossbind_client_new(&config, &doctor->client, error);
}

/* Cuts a URL after its port. No host is longer than what is kept. */
static void take_place(struct doctor *doctor, const char *url) {
  size_t scheme = strcspn(url, ":") + strlen("://");
  size_t length = scheme + strcspn(url + scheme, "/?");
  doctor->is_https = strncmp(url, "https:", 6) == 0;
  snprintf(doctor->origin, sizeof doctor->origin, "%.*s", (int)length, url);
  host_of_url(url, doctor->host, sizeof doctor->host);
}

/* The library knows which host a bucket has, and puts it into what it signs. */
static ossbind_status find_place(struct doctor *doctor, ossbind_error **error) {
  ossbind_signed *url = NULL;
  ossbind_sign_url_request request;
  ossbind_sign_url_request_init(&request);
  request.bucket = doctor->bucket;
  request.key = "k";
  request.operation = OSSBIND_OPERATION_HEAD_OBJECT;
  ossbind_status status = ossbind_client_sign_url(doctor->client, &request, &url, error);
  if (status == OSSBIND_STATUS_OK)
    take_place(doctor, ossbind_signed_url(url));
  ossbind_signed_free(url);
  return status;
}

void examine_configuration(struct doctor *doctor) {
  ossbind_error *error = NULL;
  const char *id = getenv("OSS_ACCESS_KEY_ID");
  ossbind_status status = new_client(doctor, &error);
  if (status == OSSBIND_STATUS_OK && !doctor->bucket)
    conclude(doctor, CONFIGURATION, WRONG, "there is no bucket: give --bucket, or set OSS_BUCKET");
  else if (status != OSSBIND_STATUS_OK || find_place(doctor, &error) != OSSBIND_STATUS_OK)
    conclude(doctor, CONFIGURATION, WRONG, "%s", ossbind_error_message(error));
  else
    conclude(doctor, CONFIGURATION, OK, "bucket \"%s\" is at %s; the access key id is \"%s\"",
             doctor->bucket, doctor->origin, id ? id : "");
  ossbind_error_free(error);
}

static const char *proxy_variable(void) {
  static const char *const NAMES[] = {"ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY",
                                      "all_proxy", "https_proxy", "http_proxy"};
  for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++) {
    const char *value = getenv(NAMES[i]);
    if (value && *value)
      return NAMES[i];
  }
  return NULL;
}

void examine_name(struct doctor *doctor) {
  struct addresses found;
  const char *proxy = proxy_variable();
  if (doctor->findings[CONFIGURATION].verdict != OK) {
    conclude(doctor, NAME, SKIPPED, "without a configuration there is no host to look for");
    return;
  }
  resolve(doctor->host, &found);
  if (!found.error && strcmp(doctor->host, found.text) == 0)
    conclude(doctor, NAME, OK, "%s is an address, and needs no resolving", doctor->host);
  else if (!found.error)
    conclude(doctor, NAME, OK, "%s is %s", doctor->host, found.text);
  else if (proxy)
    conclude(doctor, NAME, SKIPPED,
             "%s is not resolved here (%s), but %s is set, and the proxy may "
             "resolve it",
             doctor->host, found.error, proxy);
  else
    conclude(doctor, NAME, WRONG,
             "%s is not resolved: %s. Check OSS_ENDPOINT and OSS_REGION, and "
             "whether this device has a network and a DNS server "
             "(/etc/resolv.conf)",
             doctor->host, found.error);
}
