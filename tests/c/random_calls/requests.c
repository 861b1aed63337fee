/* Requests for uploads. */
#include "machine.h"

enum {
  PART = 100 * 1024,
  /* Those that go with any body and any destination. */
  KNOWN_FLAGS = OSSBIND_UPLOAD_FORBID_OVERWRITE | OSSBIND_UPLOAD_CONTENT_MD5 | OSSBIND_UPLOAD_FORM |
                OSSBIND_UPLOAD_ONCE | OSSBIND_UPLOAD_REQUESTER_PAYS
};

const char *any_bucket(struct call *call) {
  return text_or(call, TEXTS(places.bucket), TEXTS("no-such-bucket", "Bad_Bucket"));
}

const char *any_key(struct call *call) {
  return text_of(call, TEXTS("a", "b.jpg", "folder/c.txt", "d/../e", "f f?g=h&i", "文件"));
}

static void choose_properties(struct call *call, ossbind_upload_request *request) {
  request->content_type = rare_text(call, TEXTS("text/plain", "image/jpeg"));
  request->content_md5 =
      mistake(call, 10) ? text_of(call, TEXTS("1B2M2Y8AsgTpgAmY7PhCfg==")) : NULL;
  request->metadata =
      any_pairs(call, TEXTS("camera", "x-oss-meta-place"), &request->metadata_count);
  request->headers = any_pairs(call, TEXTS("cache-control", "expires"), &request->header_count);
  request->storage_class = rare_text(call, TEXTS("Standard", "IA"));
  request->acl = rare_text(call, TEXTS("private", "public-read"));
}

static void choose_callback(struct call *call, ossbind_upload_request *request) {
  if (one_in(call, 3))
    request->callback = any_callback(call);
  else if (one_in(call, 6) || mistake(call, 10))
    request->encoded_callback = borrow(call, ENCODED);
}

/* Not with what is sent in one request. */
static void choose_parts(struct call *call, int is_signed, ossbind_upload_request *request) {
  if ((is_signed || request->flags & OSSBIND_UPLOAD_FORM) && !mistake(call, 4))
    return;
  request->multipart_threshold = mistake(call, 5) ? any_large_number(call) : roll(call, 2 * PART);
  request->part_size = mistake(call, 10) ? any_large_number(call) : PART;
  request->parallel = mistake(call, 10) ? any_number(call) : (uint32_t)roll(call, 5);
  if (request->body == OSSBIND_BODY_KIND_FILE || mistake(call, 20))
    request->checkpoint_dir = text_or(call, TEXTS("checkpoints", NULL), TEXTS("missing", "small"));
  if (request->checkpoint_dir || mistake(call, 20))
    request->flags |= one_in(call, 4) ? OSSBIND_UPLOAD_REQUIRE_CHECKPOINT : 0;
}

static void choose_limits(struct call *call, ossbind_upload_request *request) {
  request->rate_limit_bytes_per_s = mistake(call, 10) ? any_large_number(call) : 0;
  request->traffic_limit_bits_per_s = mistake(call, 10) ? any_large_number(call) : 0;
  request->cancel = one_in(call, 4) ? borrow(call, CANCELS) : NULL;
  /* Never without: what is never answered would wait for ever. */
  request->timeout_ms = 1 + (uint32_t)roll(call, one_in(call, 4) ? 30 : 1000);
}

const ossbind_upload_request *any_upload(struct call *call) {
  ossbind_upload_request request;
  const int is_signed = one_in(call, 4);
  int is_read;
  ossbind_upload_request_init(&request);
  request.flags = any_flags(call, KNOWN_FLAGS);
  choose_limits(call, &request);
  fill_body(call, &request);
  if (is_signed)
    choose_signed(call, &request);
  if (!is_signed || mistake(call, 10)) {
    request.bucket = any_bucket(call);
    request.key = any_key(call);
    choose_properties(call, &request);
    choose_callback(call, &request);
  }
  choose_parts(call, is_signed, &request);
  request.reserved = mistake(call, 50) ? (size_t)any_large_number(call) : 0;
  return sized(call, &request, sizeof request, &is_read);
}
