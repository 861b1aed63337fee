/* Clients that are made, shared and freed. */
#include "machine.h"

void make_client(struct call *call) {
  const struct wanted wanted = any_wanted(call);
  const ossbind_client_config *config = one_in(call, 10) ? NULL : any_config(call);
  ossbind_client *client = wanted.object ? POISON : NULL;
  ossbind_error *error = wanted.error ? POISON : NULL;
  const ossbind_status status = CALL(ossbind_client_new)(config, wanted.object ? &client : NULL,
                                                         wanted.error ? &error : NULL);
  EXPECT(status != OSSBIND_STATUS_INVALID_CALLBACK);
  check_made(call, wanted, status, client, error);
  if (call->leaves_home)
    CALL(ossbind_client_free)(client);
  else
    post(call, CLIENTS, client);
}

/* A second reference, which outlives the first or not. */
void share_client(struct call *call) {
  ossbind_client *client = borrow(call, CLIENTS);
  ossbind_client *second = CALL(ossbind_client_ref)(client);
  EXPECT((second != NULL) == (client != NULL));
  post(call, CLIENTS, second);
}
