/* The calls that sign. */
#include "machine.h"

#define QUERY "uploadId", "versionId", "x-oss-process", "a b"
#define HEADERS "cache-control", "expires"

static const ossbind_callback *maybe_callback(struct call *call) {
  return one_in(call, 3) ? any_callback(call) : NULL;
}

static const ossbind_sign_url_request *any_url(struct call *call) {
  ossbind_sign_url_request request;
  int is_read;
  ossbind_sign_url_request_init(&request);
  request.bucket = any_bucket(call);
  request.key = any_key(call);
  request.operation = one_in(call, 2)     ? 0
                      : mistake(call, 10) ? any_number(call)
                                          : (uint32_t)roll(call, 8);
  request.flags =
      any_flags(call, OSSBIND_SIGN_URL_REQUESTER_PAYS | OSSBIND_SIGN_URL_FORBID_OVERWRITE);
  if (one_in(call, 8))
    request.flags |= OSSBIND_SIGN_URL_CALLBACK_IN_HEADERS;
  request.expires_in_s = mistake(call, 4) ? any_number(call) : (uint32_t)roll(call, 2) * 60;
  request.part_number = mistake(call, 20) ? any_number(call) : request.operation == 4;
  request.upload_id = request.operation >= 4 ? text_of(call, TEXTS("0004B9895DBBB6EC98E36")) : NULL;
  request.content_type = rare_text(call, TEXTS("text/plain"));
  request.content_md5 = mistake(call, 10) ? text_of(call, TEXTS("1B2M2Y8AsgTpgAmY7PhCfg==")) : NULL;
  request.storage_class = rare_text(call, TEXTS("IA"));
  request.acl = rare_text(call, TEXTS("private"));
  if (one_in(call, 4)) {
    request.metadata = any_pairs(call, TEXTS("camera"), &request.metadata_count);
    request.headers = any_pairs(call, TEXTS(HEADERS), &request.header_count);
    request.query = any_pairs(call, TEXTS(QUERY), &request.query_count);
    request.additional_headers = any_texts(call, TEXTS("host"), &request.additional_header_count);
  }
  request.callback = maybe_callback(call);
  return sized(call, &request, sizeof request, &is_read);
}

static const ossbind_sign_headers_request *any_headers(struct call *call) {
  ossbind_sign_headers_request request;
  int is_read;
  ossbind_sign_headers_request_init(&request);
  request.method = text_or(call, TEXTS("GET", "PUT", "DELETE"), TEXTS("get", "G T"));
  request.bucket = one_in(call, 6) ? NULL : any_bucket(call);
  request.key = !request.bucket || one_in(call, 6) ? NULL : any_key(call);
  request.query = any_pairs(call, TEXTS(QUERY), &request.query_count);
  request.headers = any_pairs(call, TEXTS(HEADERS), &request.header_count);
  request.additional_headers = any_texts(call, TEXTS("host"), &request.additional_header_count);
  return sized(call, &request, sizeof request, &is_read);
}

static const ossbind_sign_form_request *any_form(struct call *call) {
  ossbind_sign_form_request request;
  int is_read;
  ossbind_sign_form_request_init(&request);
  request.bucket = any_bucket(call);
  if (one_in(call, 2))
    request.key = any_key(call);
  else
    request.key_prefix = text_of(call, TEXTS("", "folder/", "a"));
  request.expires_in_s = mistake(call, 4) ? any_number(call) : (uint32_t)roll(call, 2) * 60;
  request.flags = any_flags(call, OSSBIND_SIGN_FORM_FORBID_OVERWRITE);
  request.min_size = mistake(call, 10) ? any_large_number(call) : 0;
  request.max_size = mistake(call, 10) ? any_large_number(call) : 0;
  request.content_types =
      any_texts(call, TEXTS("image/png", "text/plain"), &request.content_type_count);
  request.callback = maybe_callback(call);
  request.fields =
      any_pairs(call, TEXTS("x-oss-meta-camera", "cache-control"), &request.field_count);
  request.conditions =
      rare_text(call, TEXTS("[[\"starts-with\",\"$x-oss-meta-place\",\"north\"]]", "[]"));
  return sized(call, &request, sizeof request, &is_read);
}

/* The functions that sign differ in their requests. */
#define SIGN(call, function, any_request, has_bundle)                                    \
  do {                                                                                   \
    const struct wanted wanted = any_wanted(call);                                       \
    const ossbind_client *client = mistake(call, 30) ? NULL : borrow(call, CLIENTS);     \
    ossbind_signed *signed_ = wanted.object ? POISON : NULL;                             \
    ossbind_error *error = wanted.error ? POISON : NULL;                                 \
    const ossbind_status status =                                                        \
        CALL(function)(client, mistake(call, 30) ? NULL : any_request(call),             \
                       wanted.object ? &signed_ : NULL, wanted.error ? &error : NULL);   \
    check_made(call, wanted, status, signed_, error);                                    \
    read_signed(call, signed_);                                                          \
    EXPECT((CALL(ossbind_signed_bundle)(signed_) != NULL) == (signed_ && (has_bundle))); \
    post(call, SIGNED, signed_);                                                         \
  } while (0)

void sign_url(struct call *call) { SIGN(call, ossbind_client_sign_url, any_url, 1); }

void sign_headers(struct call *call) { SIGN(call, ossbind_client_sign_headers, any_headers, 0); }

void sign_form(struct call *call) { SIGN(call, ossbind_client_sign_form, any_form, 1); }
