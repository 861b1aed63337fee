/* Text of others, which may be anything: shown to people without acting on their terminal. */
#ifndef OSSBIND_COMMAND_TEXT_H
#define OSSBIND_COMMAND_TEXT_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* The character at the beginning of bytes, and how many bytes it has: 0 when they are not UTF-8. */
size_t first_character(const uint8_t *bytes, size_t length, uint32_t *character);

/* Whether a line with this character would not look like what it is: control characters, and marks that
 * end lines or turn the direction of a text. */
int is_hidden(uint32_t character);

/* Writes bytes; what is hidden or no UTF-8 is escaped. */
void show_bytes(FILE *out, const uint8_t *bytes, size_t length);

/* The same of a text; nothing for NULL. */
void show_text(FILE *out, const char *text);

/* A row of a table of two columns; nothing for NULL. */
void show_row(FILE *out, const char *name, const char *text);
void show_bytes_row(FILE *out, const char *name, const uint8_t *bytes, size_t length);
void show_number_row(FILE *out, const char *name, uint64_t number);

/* Returns 0, and says so, when something could not be written to standard output. */
int flush_output(void);

/* A new text, as vprintf() makes it; the caller frees it. NULL when memory ran out. */
char *new_text(const char *format, va_list values);

#endif
