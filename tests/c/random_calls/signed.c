/* All that a signed request says. */
#include "machine.h"

static void check_nothing_signed(void) {
  const char *name = POISON;
  const char *value = POISON;
  EXPECT(!CALL(ossbind_signed_method)(NULL) && !CALL(ossbind_signed_url)(NULL));
  EXPECT(!CALL(ossbind_signed_bundle)(NULL) && CALL(ossbind_signed_expires_at)(NULL) == 0);
  EXPECT(!CALL(ossbind_signed_pair_at)(NULL, 0, &name, &value) && !name && !value);
}

/* A URL has no character that would have to be encoded. */
static int is_url(const char *text) {
  for (const char *at = text; *at; at++)
    if (*at <= ' ' || *at > '~')
      return 0;
  return strncmp(text, "http", strlen("http")) == 0;
}

void read_signed(struct call *call, const ossbind_signed *signed_) {
  const char *name = NULL;
  const char *value = NULL;
  size_t count = 0;
  if (!signed_) {
    check_nothing_signed();
    return;
  }
  const char *method = CALL(ossbind_signed_method)(signed_);
  const char *url = CALL(ossbind_signed_url)(signed_);
  EXPECT(method && strspn(method, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == strlen(method));
  EXPECT_OF(url && is_url(url), url);
  EXPECT(CALL(ossbind_signed_expires_at)(signed_) > 0);
  check_signed_text(url);
  check_signed_text(CALL(ossbind_signed_bundle)(signed_));
  for (; CALL(ossbind_signed_pair_at)(signed_, count, &name, &value); count++) {
    EXPECT(name && *name && value);
    check_signed_text(name);
    check_signed_text(value);
  }
  EXPECT(!name && !value);
  const size_t past = count + (size_t)any_large_number(call) % (SIZE_MAX - count);
  EXPECT(!CALL(ossbind_signed_pair_at)(signed_, past, NULL, NULL));
}
