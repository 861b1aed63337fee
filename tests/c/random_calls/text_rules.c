/* What no text of the library may be or have. */
#include "machine.h"

/* Length of a character of UTF-8, 0 if it is none. Longer forms than needed and surrogates are none. */
static size_t character(const uint8_t *at) {
  static const struct {
    uint8_t from, to, second_from, second_to;
    size_t length;
  } forms[] = {
      {0x01, 0x7F, 0, 0, 1},       {0xC2, 0xDF, 0x80, 0xBF, 2}, {0xE0, 0xE0, 0xA0, 0xBF, 3},
      {0xE1, 0xEC, 0x80, 0xBF, 3}, {0xED, 0xED, 0x80, 0x9F, 3}, {0xEE, 0xEF, 0x80, 0xBF, 3},
      {0xF0, 0xF0, 0x90, 0xBF, 4}, {0xF1, 0xF3, 0x80, 0xBF, 4}, {0xF4, 0xF4, 0x80, 0x8F, 4},
  };
  for (size_t i = 0; i < COUNT_OF(forms); i++) {
    if (at[0] < forms[i].from || at[0] > forms[i].to)
      continue;
    if (forms[i].length > 1 && (at[1] < forms[i].second_from || at[1] > forms[i].second_to))
      return 0;
    for (size_t next = 2; next < forms[i].length; next++)
      if (at[next] < 0x80 || at[next] > 0xBF)
        return 0;
    return forms[i].length;
  }
  return 0;
}

static int is_utf8(const char *text) {
  const uint8_t *at = (const uint8_t *)text;
  while (*at) {
    const size_t length = character(at);
    if (length == 0)
      return 0;
    at += length;
  }
  return 1;
}

/* C0, DEL and C1. */
static int has_control_character(const char *text) {
  const uint8_t *at = (const uint8_t *)text;
  for (; *at; at++)
    if (*at < 0x20 || *at == 0x7F || (at[0] == 0xC2 && at[1] < 0xA0))
      return 1;
  return 0;
}

void check_signed_text(const char *text) {
  if (!text)
    return;
  EXPECT_OF(is_utf8(text), text);
  EXPECT_OF(!strstr(text, places.key_secret), text);
}

void check_text_of_peer(const char *text) {
  static const char *const secrets[] = {SECRET_PASSWORD, SECRET_PEM, SECRET_SIGNATURE};
  check_signed_text(text);
  if (!text)
    return;
  EXPECT_OF(!strstr(text, places.token), text);
  for (size_t i = 0; i < COUNT_OF(secrets); i++)
    EXPECT_OF(!strstr(text, secrets[i]), text);
}

void check_message(const char *text) {
  check_text_of_peer(text);
  EXPECT_OF(!text || !has_control_character(text), text);
}
