#include "json.h"
#include "text.h"
#include <inttypes.h>
#include <string.h>

/* Escapes what JSON demands, and what would act on a terminal. None of that has more than four digits. */
static void write_string(FILE *out, const uint8_t *bytes, size_t length) {
  fputc('"', out);
  while (length > 0) {
    uint32_t character = 0;
    size_t count = first_character(bytes, length, &character);
    if (character == '"' || character == '\\')
      fprintf(out, "\\%c", (char)character);
    else if (is_hidden(character))
      fprintf(out, "\\u%04x", (unsigned)character);
    else
      fwrite(bytes, 1, count, out);
    bytes += count;
    length -= count;
  }
  fputc('"', out);
}

static void begin_member(struct json *json, const char *name) {
  if (json->needs_comma)
    fputc(',', json->out);
  if (name) {
    write_string(json->out, (const uint8_t *)name, strlen(name));
    fputc(':', json->out);
  }
  json->needs_comma = 1;
}

void json_open(struct json *json, const char *name, char bracket) {
  begin_member(json, name);
  fputc(bracket, json->out);
  json->needs_comma = 0;
}

void json_close(struct json *json, char bracket) {
  fputc(bracket, json->out);
  json->needs_comma = 1;
}

void json_end(struct json *json) {
  fputs("}\n", json->out);
  json->needs_comma = 0;
}

static int is_utf8(const uint8_t *bytes, size_t length) {
  uint32_t character;
  while (length > 0) {
    size_t count = first_character(bytes, length, &character);
    if (count == 0)
      return 0;
    bytes += count;
    length -= count;
  }
  return 1;
}

void json_bytes(struct json *json, const char *name, const uint8_t *bytes, size_t length) {
  begin_member(json, name);
  if (bytes && is_utf8(bytes, length))
    write_string(json->out, bytes, length);
  else
    fputs("null", json->out);
}

void json_text(struct json *json, const char *name, const char *text) {
  json_bytes(json, name, (const uint8_t *)text, text ? strlen(text) : 0);
}

void json_base64(struct json *json, const char *name, const uint8_t *bytes, size_t length) {
  static const char DIGITS[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  begin_member(json, name);
  fputc('"', json->out);
  for (size_t i = 0; i < length; i += 3) {
    size_t count = length - i < 3 ? length - i : 3;
    uint32_t group = 0;
    for (size_t j = 0; j < 3; j++)
      group = group << 8 | (j < count ? bytes[i + j] : 0u);
    for (size_t j = 0; j < 4; j++)
      fputc(j <= count ? DIGITS[group >> (18 - 6 * j) & 63] : '=', json->out);
  }
  fputc('"', json->out);
}

void json_number(struct json *json, const char *name, int64_t number) {
  begin_member(json, name);
  fprintf(json->out, "%" PRId64, number);
}

void json_digits(struct json *json, const char *name, uint64_t number) {
  begin_member(json, name);
  fprintf(json->out, "\"%" PRIu64 "\"", number);
}

void json_raw(struct json *json, const char *name, const char *token) {
  begin_member(json, name);
  fputs(token, json->out);
}

/* Nearly always text; else nothing of it is lost, and whoever reads it knows. */
void json_answer(struct json *json, const uint8_t *answer, size_t length) {
  json_bytes(json, "callback_answer", answer, length);
  if (answer && !is_utf8(answer, length))
    json_base64(json, "callback_answer_base64", answer, length);
  else
    json_raw(json, "callback_answer_base64", "null");
}
