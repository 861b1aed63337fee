/* All functions of ossbind.h. The test compares them with tests/exports.txt, and with what was called. */
#ifndef OSSBIND_TESTS_RANDOM_CALLS_FUNCTIONS_H
#define OSSBIND_TESTS_RANDOM_CALLS_FUNCTIONS_H

#define EACH_FUNCTION(USE)                       \
  USE(ossbind_advice_name)                       \
  USE(ossbind_callback_check)                    \
  USE(ossbind_callback_encode)                   \
  USE(ossbind_callback_problems_at)              \
  USE(ossbind_callback_problems_free)            \
  USE(ossbind_callback_render)                   \
  USE(ossbind_callback_reply)                    \
  USE(ossbind_cancel_free)                       \
  USE(ossbind_cancel_new)                        \
  USE(ossbind_cancel_trigger)                    \
  USE(ossbind_client_find)                       \
  USE(ossbind_client_free)                       \
  USE(ossbind_client_new)                        \
  USE(ossbind_client_ref)                        \
  USE(ossbind_client_sign_form)                  \
  USE(ossbind_client_sign_headers)               \
  USE(ossbind_client_sign_url)                   \
  USE(ossbind_client_upload)                     \
  USE(ossbind_credentials_sink_fail)             \
  USE(ossbind_credentials_sink_set)              \
  USE(ossbind_encoded_callback_free)             \
  USE(ossbind_encoded_callback_header)           \
  USE(ossbind_encoded_callback_variables_header) \
  USE(ossbind_error_advice)                      \
  USE(ossbind_error_caller_code)                 \
  USE(ossbind_error_document_element)            \
  USE(ossbind_error_ec)                          \
  USE(ossbind_error_field)                       \
  USE(ossbind_error_free)                        \
  USE(ossbind_error_http_status)                 \
  USE(ossbind_error_message)                     \
  USE(ossbind_error_metrics)                     \
  USE(ossbind_error_object_state)                \
  USE(ossbind_error_offset)                      \
  USE(ossbind_error_oss_code)                    \
  USE(ossbind_error_report)                      \
  USE(ossbind_error_request_id)                  \
  USE(ossbind_error_retry_after_ms)              \
  USE(ossbind_error_status)                      \
  USE(ossbind_error_upload_id)                   \
  USE(ossbind_item_outcome_name)                 \
  USE(ossbind_item_state_name)                   \
  USE(ossbind_object_state_name)                 \
  USE(ossbind_outbox_acknowledge)                \
  USE(ossbind_outbox_add)                        \
  USE(ossbind_outbox_commit)                     \
  USE(ossbind_outbox_each)                       \
  USE(ossbind_outbox_find_item)                  \
  USE(ossbind_outbox_find_receipt)               \
  USE(ossbind_outbox_free)                       \
  USE(ossbind_outbox_get_stats)                  \
  USE(ossbind_outbox_hold)                       \
  USE(ossbind_outbox_next_receipt)               \
  USE(ossbind_outbox_open)                       \
  USE(ossbind_outbox_receipt_fd)                 \
  USE(ossbind_outbox_release)                    \
  USE(ossbind_outbox_remove)                     \
  USE(ossbind_outbox_renew)                      \
  USE(ossbind_outbox_retry_now)                  \
  USE(ossbind_outbox_run)                        \
  USE(ossbind_outbox_set_network)                \
  USE(ossbind_outbox_start)                      \
  USE(ossbind_outbox_stop)                       \
  USE(ossbind_receipt_attempts)                  \
  USE(ossbind_receipt_bucket)                    \
  USE(ossbind_receipt_callback_answer)           \
  USE(ossbind_receipt_caller_id)                 \
  USE(ossbind_receipt_content_type)              \
  USE(ossbind_receipt_crc64)                     \
  USE(ossbind_receipt_ended_unix_s)              \
  USE(ossbind_receipt_etag)                      \
  USE(ossbind_receipt_free)                      \
  USE(ossbind_receipt_http_status)               \
  USE(ossbind_receipt_id)                        \
  USE(ossbind_receipt_key)                       \
  USE(ossbind_receipt_message)                   \
  USE(ossbind_receipt_outcome)                   \
  USE(ossbind_receipt_request_id)                \
  USE(ossbind_receipt_size)                      \
  USE(ossbind_receipt_status)                    \
  USE(ossbind_receipt_told)                      \
  USE(ossbind_receipt_variable_at)               \
  USE(ossbind_receipt_version_id)                \
  USE(ossbind_received_callback_field)           \
  USE(ossbind_received_callback_field_at)        \
  USE(ossbind_received_callback_free)            \
  USE(ossbind_received_callback_request_id)      \
  USE(ossbind_rendered_callback_body)            \
  USE(ossbind_rendered_callback_content_type)    \
  USE(ossbind_rendered_callback_free)            \
  USE(ossbind_reply_body)                        \
  USE(ossbind_reply_bytes)                       \
  USE(ossbind_reply_free)                        \
  USE(ossbind_reply_http_status)                 \
  USE(ossbind_seal)                              \
  USE(ossbind_severity_name)                     \
  USE(ossbind_signed_bundle)                     \
  USE(ossbind_signed_expires_at)                 \
  USE(ossbind_signed_free)                       \
  USE(ossbind_signed_method)                     \
  USE(ossbind_signed_pair_at)                    \
  USE(ossbind_signed_url)                        \
  USE(ossbind_status_name)                       \
  USE(ossbind_test_callback_free)                \
  USE(ossbind_test_callback_header_at)           \
  USE(ossbind_test_callback_new)                 \
  USE(ossbind_upload)                            \
  USE(ossbind_upload_result_callback_answer)     \
  USE(ossbind_upload_result_crc64)               \
  USE(ossbind_upload_result_etag)                \
  USE(ossbind_upload_result_free)                \
  USE(ossbind_upload_result_header)              \
  USE(ossbind_upload_result_header_at)           \
  USE(ossbind_upload_result_http_status)         \
  USE(ossbind_upload_result_metrics)             \
  USE(ossbind_upload_result_request_id)          \
  USE(ossbind_upload_result_version_id)          \
  USE(ossbind_verifier_check)                    \
  USE(ossbind_verifier_free)                     \
  USE(ossbind_verifier_new)                      \
  USE(ossbind_version)

enum function {
#define AS_NUMBER(name) CALLED_##name,
  EACH_FUNCTION(AS_NUMBER)
#undef AS_NUMBER
      FUNCTIONS
};

/* Calls a function of the library and counts it: CALL(ossbind_error_free)(error). */
#define CALL(name) (count_call(CALLED_##name), name)

void count_call(enum function function);

#endif
