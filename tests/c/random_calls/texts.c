/* Texts, good and bad. */
#include "machine.h"

enum { LONG = 2000, HUGE = 70000 };

/* A copy in a block of its own. */
static const char *copy_of(struct call *call, const char *text) {
  const size_t size = strlen(text) + 1;
  return memcpy(keep(call, size), text, size);
}

static const char *long_text(struct call *call, size_t length) {
  return memset(keep(call, length + 1), 'x', length);
}

const char *bad_text(struct call *call) {
  static const char *const texts[] = {
      "",
      "\xFF\xFE",
      "\xC3(",
      "\xED\xA0\x80",
      "a\r\nX-Oss-Acl: public-read",
      "\x01",
      "\x7F",
      "\xE2\x80\xAEgpj.exe",
      "\xE6\x96\x87\xE4\xBB\xB6",
      "../../a",
      "/",
      "${object}",
      "${x:unknown}",
      "-1",
      "18446744073709551616",
      "[",
      "{\"a\":1}",
      "%zz",
      "a b",
      "x:",
  };
  switch (roll(call, 20)) {
  case 0:
    return long_text(call, LONG);
  case 1:
    return long_text(call, HUGE);
  default:
    return one_of(call, texts, COUNT_OF(texts));
  }
}

const char *one_of(struct call *call, const char *const texts[], size_t count) {
  const char *text = texts[roll(call, count)];
  return text ? copy_of(call, text) : NULL;
}

const char *text_of(struct call *call, const char *const texts[], size_t count) {
  if (mistake(call, 20))
    return one_in(call, 2) ? NULL : bad_text(call);
  return one_of(call, texts, count);
}

const char *text_or(struct call *call, const char *const texts[], size_t count,
                    const char *const mistakes[], size_t mistake_count) {
  return mistake(call, 10) ? one_of(call, mistakes, mistake_count) : text_of(call, texts, count);
}

const char *rare_text(struct call *call, const char *const texts[], size_t count) {
  return one_in(call, 8) ? text_of(call, texts, count) : NULL;
}

static const char *bad_name(struct call *call) {
  static const char *const names[] = {"authorization",  "content-type",         "x-oss-callback",
                                      "content-length", "x-oss-security-token", NULL};
  return one_in(call, 2) ? one_of(call, names, COUNT_OF(names)) : bad_text(call);
}

const ossbind_pair *any_pairs(struct call *call, const char *const names[], size_t count,
                              size_t *out_count) {
  *out_count = one_in(call, 3) ? roll(call, count + 1) : 0;
  /* Without elements, or with too many. */
  if (mistake(call, 50)) {
    *out_count = (size_t)any_large_number(call);
    return NULL;
  }
  if (*out_count == 0)
    return NULL;
  ossbind_pair *pairs = keep(call, *out_count * sizeof *pairs);
  for (size_t i = 0; i < *out_count; i++) {
    pairs[i].name = mistake(call, 10) ? bad_name(call) : one_of(call, &names[i], 1);
    pairs[i].value = text_of(call, TEXTS("v", "a value", "42"));
  }
  return pairs;
}

const char *const *any_texts(struct call *call, const char *const texts[], size_t count,
                             size_t *out_count) {
  *out_count = one_in(call, 8) ? roll(call, count + 1) : 0;
  if (*out_count == 0)
    return NULL;
  const char **all = keep(call, *out_count * sizeof *all);
  for (size_t i = 0; i < *out_count; i++)
    all[i] = mistake(call, 10) ? bad_text(call) : one_of(call, &texts[i], 1);
  return all;
}
