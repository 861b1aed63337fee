/* Which servers are trusted, and who this device is. */
#include "machine.h"

#define PEM(what, text) "-----BEGIN " what "-----\n" text "\n-----END " what "-----\n"
#define KEY PEM("PRIVATE KEY", SECRET_PEM)
#define CERTIFICATE PEM("CERTIFICATE", "AAAA")

const ossbind_tls_config *any_tls(struct call *call) {
  ossbind_tls_config tls;
  int is_read;
  ossbind_tls_config_init(&tls);
  tls.ca_file = text_or(call, TEXTS(places.ca_file), TEXTS(NULL, "missing", "broken-keys", "fifo"));
  if (mistake(call, 10))
    tls.ca_dir = text_of(call, TEXTS(".", "missing", "empty"));
  if (mistake(call, 10))
    tls.ca_pem = text_of(call, TEXTS(CERTIFICATE));
  if (mistake(call, 10))
    tls.pins =
        any_texts(call, TEXTS("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="), &tls.pin_count);
  if (mistake(call, 10)) {
    tls.client_certificate_file = rare_text(call, TEXTS(places.ca_file, "missing"));
    tls.client_key_file = rare_text(call, TEXTS("broken-keys", "missing"));
    tls.client_certificate_pem = text_of(call, TEXTS(CERTIFICATE, KEY));
    tls.client_key_pem = text_of(call, TEXTS(KEY));
  }
  tls.handshake_timeout_ms = one_in(call, 10) ? any_number(call) : 500;
  tls.flags = any_flags(call, OSSBIND_TLS_DANGER_ACCEPT_ANY_CERTIFICATE);
  return sized(call, &tls, sizeof tls, &is_read);
}
