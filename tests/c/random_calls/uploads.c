/* The calls that send. */
#include "machine.h"

/* A reference of this call's own: the one on the board may be freed meanwhile. */
static ossbind_client *take_client(struct call *call) {
  if (mistake(call, 30))
    return NULL;
  ossbind_client *client = CALL(ossbind_client_ref)(borrow(call, CLIENTS));
  give_back_last(call);
  return client;
}

void upload_with_client(struct call *call) {
  const struct wanted wanted = any_wanted(call);
  ossbind_client *client = take_client(call);
  const ossbind_upload_request *request = mistake(call, 30) ? NULL : any_upload(call);
  ossbind_upload_result *result = wanted.object ? POISON : NULL;
  ossbind_error *error = wanted.error ? POISON : NULL;
  const ossbind_status status = CALL(ossbind_client_upload)(
      client, request, wanted.object ? &result : NULL, wanted.error ? &error : NULL);
  EXPECT(status != OSSBIND_STATUS_OK || (client && request));
  CALL(ossbind_client_free)(client);
  check_stored(call, wanted, status, result, error);
}

void upload_in_one_call(struct call *call) {
  const struct wanted wanted = any_wanted(call);
  const ossbind_client_config *config = one_in(call, 3) ? NULL : any_config(call);
  const ossbind_upload_request *request = any_upload(call);
  ossbind_upload_result *result = wanted.object ? POISON : NULL;
  ossbind_error *error = wanted.error ? POISON : NULL;
  if (call->leaves_home || mistake(call, 30))
    request = NULL;
  const ossbind_status status = CALL(ossbind_upload)(
      config, request, wanted.object ? &result : NULL, wanted.error ? &error : NULL);
  EXPECT(status != OSSBIND_STATUS_OK || request);
  check_stored(call, wanted, status, result, error);
}

void find_object(struct call *call) {
  const struct wanted wanted = any_wanted(call);
  ossbind_client *client = take_client(call);
  const ossbind_find_request *request = mistake(call, 30) ? NULL : any_question(call);
  ossbind_upload_result *result = wanted.object ? POISON : NULL;
  ossbind_error *error = wanted.error ? POISON : NULL;
  const ossbind_status status = CALL(ossbind_client_find)(
      client, request, wanted.object ? &result : NULL, wanted.error ? &error : NULL);
  CALL(ossbind_client_free)(client);
  EXPECT(status != OSSBIND_STATUS_OK || (client && request));
  check_found(call, wanted, status, result, error);
}
