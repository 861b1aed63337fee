/* NULL for every object. */
#include "machine.h"

void use_nothing(struct call *call) {
  read_error(call, NULL);
  read_result(call, NULL);
  read_signed(call, NULL);
  read_encoded(NULL);
  use_no_outbox();
  receive_nothing();
  CALL(ossbind_cancel_trigger)(NULL);
  EXPECT(!CALL(ossbind_client_ref)(NULL));
  CALL(ossbind_callback_problems_free)(NULL);
  CALL(ossbind_rendered_callback_free)(NULL);
  CALL(ossbind_cancel_free)(NULL);
  CALL(ossbind_client_free)(NULL);
  CALL(ossbind_encoded_callback_free)(NULL);
  CALL(ossbind_error_free)(NULL);
  CALL(ossbind_signed_free)(NULL);
  CALL(ossbind_upload_result_free)(NULL);
}
