/* Uploads to what was signed: by this machine, or by an impostor. */
#include "machine.h"

#define FORGED "Signature=" SECRET_SIGNATURE

/* The fields of a form that was signed. */
static void choose_fields(struct call *call, const ossbind_signed *signed_,
                          ossbind_upload_request *request) {
  size_t count = 0;
  while (CALL(ossbind_signed_pair_at)(signed_, count, NULL, NULL))
    count++;
  ossbind_pair *fields = keep(call, count * sizeof *fields);
  for (size_t i = 0; i < count; i++)
    CALL(ossbind_signed_pair_at)(signed_, i, &fields[i].name, &fields[i].value);
  request->form_fields = fields;
  request->form_field_count = count;
}

/* The value of a signature in a URL. */
static const char *signature_in(struct call *call, const char *url) {
  const char *begin = url ? strstr(url, "ignature=") : NULL;
  if (!begin)
    return NULL;
  begin += strlen("ignature=");
  const size_t length = strcspn(begin, "&");
  return memcpy(keep(call, length + 1), begin, length);
}

/* Nothing of them may come back in a message. */
static void choose_forged(struct call *call, ossbind_upload_request *request) {
  enum { SIZE = 300 };
  char *forged = keep(call, SIZE);
  snprintf(forged, SIZE, "%s/%s/a?Expires=4000000000&OSSAccessKeyId=%s&" FORGED, places.endpoint,
           places.bucket, places.key_id);
  if (one_in(call, 2))
    request->url = one_of(call, TEXTS(forged, "http://127.0.0.1:1/?" FORGED,
                                      "http://127.0.0.1:x/?" FORGED, FORGED "\n"));
  else
    request->bundle = one_of(
        call, TEXTS("{\"ossbind\":1,\"method\":\"PUT\",\"url\":\"http://127.0.0.1:1/b/k?" FORGED
                    "\",\"headers\":{},\"expires\":4000000000}",
                    "{\"ossbind\":2,\"url\":\"" FORGED "\"}", "{" FORGED));
}

void choose_signed(struct call *call, ossbind_upload_request *request) {
  const ossbind_signed *signed_ = borrow(call, SIGNED);
  const char *method = CALL(ossbind_signed_method)(signed_);
  const char *url = CALL(ossbind_signed_url)(signed_);
  if (mistake(call, 3)) {
    choose_forged(call, request);
  } else if (one_in(call, 2)) {
    request->url = url;
    if (method && strcmp(method, "POST") == 0)
      choose_fields(call, signed_, request);
  } else {
    request->bundle = CALL(ossbind_signed_bundle)(signed_);
  }
  call->signature = signature_in(call, url);
  /* What was signed says what the object will be. */
  if (!mistake(call, 4))
    request->flags &= OSSBIND_UPLOAD_HAS_CONTENT_LENGTH;
}
