/* Callbacks that are encoded once. */
#include "machine.h"

void read_encoded(const ossbind_encoded_callback *encoded) {
  const char *header = CALL(ossbind_encoded_callback_header)(encoded);
  const char *variables = CALL(ossbind_encoded_callback_variables_header)(encoded);
  EXPECT((header != NULL) == (encoded != NULL));
  EXPECT(encoded || !variables);
  check_message(header);
  check_message(variables);
}

void encode_callback(struct call *call) {
  const struct wanted wanted = any_wanted(call);
  const ossbind_callback *callback = mistake(call, 20) ? NULL : any_callback(call);
  ossbind_encoded_callback *encoded = wanted.object ? POISON : NULL;
  ossbind_error *error = wanted.error ? POISON : NULL;
  const ossbind_status status = CALL(ossbind_callback_encode)(
      callback, wanted.object ? &encoded : NULL, wanted.error ? &error : NULL);
  EXPECT(status != OSSBIND_STATUS_CREDENTIALS);
  check_made(call, wanted, status, encoded, error);
  read_encoded(encoded);
  post(call, ENCODED, encoded);
}
