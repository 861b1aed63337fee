#include "text.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

size_t first_character(const uint8_t *bytes, size_t length, uint32_t *character) {
  /* The smallest character that needs so many bytes: a longer form of one is not UTF-8. */
  static const uint32_t LEAST[] = {0, 0, 0x80, 0x800, 0x10000};
  if (length == 0)
    return 0;
  uint8_t first = bytes[0];
  size_t count = first < 0x80              ? 1
                 : (first & 0xE0u) == 0xC0 ? 2
                 : (first & 0xF0u) == 0xE0 ? 3
                 : (first & 0xF8u) == 0xF0 ? 4
                                           : 0;
  if (count == 0 || count > length)
    return 0;
  uint32_t value = count == 1 ? first : first & (0x7Fu >> count);
  for (size_t i = 1; i < count; i++) {
    if ((bytes[i] & 0xC0u) != 0x80)
      return 0;
    value = value << 6 | (bytes[i] & 0x3Fu);
  }
  int is_surrogate = value >= 0xD800 && value <= 0xDFFF;
  if (value < LEAST[count] || is_surrogate || value > 0x10FFFF)
    return 0;
  *character = value;
  return count;
}

int is_hidden(uint32_t c) {
  int is_control = c < 0x20 || (c >= 0x7F && c < 0xA0);
  int is_mark = c == 0x61C || c == 0x200E || c == 0x200F || (c >= 0x2028 && c <= 0x202E) ||
                (c >= 0x2066 && c <= 0x2069);
  return is_control || is_mark;
}

void show_bytes(FILE *out, const uint8_t *bytes, size_t length) {
  while (length > 0) {
    uint32_t character = 0;
    size_t count = first_character(bytes, length, &character);
    if (count == 0)
      fprintf(out, "\\x%02x", (unsigned)bytes[0]);
    else if (is_hidden(character))
      fprintf(out, "\\u{%x}", (unsigned)character);
    else
      fwrite(bytes, 1, count, out);
    size_t step = count ? count : 1;
    bytes += step;
    length -= step;
  }
}

void show_text(FILE *out, const char *text) {
  if (text)
    show_bytes(out, (const uint8_t *)text, strlen(text));
}

void show_bytes_row(FILE *out, const char *name, const uint8_t *bytes, size_t length) {
  if (!bytes)
    return;
  fprintf(out, "  %-11s", name);
  show_bytes(out, bytes, length);
  fputc('\n', out);
}

void show_row(FILE *out, const char *name, const char *text) {
  show_bytes_row(out, name, (const uint8_t *)text, text ? strlen(text) : 0);
}

void show_number_row(FILE *out, const char *name, uint64_t number) {
  fprintf(out, "  %-11s%" PRIu64 "\n", name, number);
}

int flush_output(void) {
  if (fflush(stdout) == 0 && !ferror(stdout))
    return 1;
  perror("ossbind: not all could be written to standard output");
  clearerr(stdout);
  return 0;
}

char *new_text(const char *format, va_list values) {
  va_list again;
  va_copy(again, values);
  int length = vsnprintf(NULL, 0, format, values);
  char *text = length < 0 ? NULL : malloc((size_t)length + 1);
  if (text)
    vsnprintf(text, (size_t)length + 1, format, again);
  va_end(again);
  return text;
}
