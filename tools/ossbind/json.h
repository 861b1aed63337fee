/* Writes JSON, member by member. */
#ifndef OSSBIND_COMMAND_JSON_H
#define OSSBIND_COMMAND_JSON_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct json {
  FILE *out;
  int needs_comma;
};

/* '{' or '[', with a name when it is a member; and its end. */
void json_open(struct json *json, const char *name, char bracket);
void json_close(struct json *json, char bracket);

/* The end of an object that is a line of its own. */
void json_end(struct json *json);

/* Members. NULL is written as null, and so are bytes that are not UTF-8. */
void json_text(struct json *json, const char *name, const char *text);
void json_bytes(struct json *json, const char *name, const uint8_t *bytes, size_t length);
void json_base64(struct json *json, const char *name, const uint8_t *bytes, size_t length);
void json_number(struct json *json, const char *name, int64_t number);
/* As text: numbers of JSON have 53 bits. */
void json_digits(struct json *json, const char *name, uint64_t number);
void json_raw(struct json *json, const char *name, const char *token); /* true, false, null */

/* Two members, callback_answer and callback_answer_base64, of which the second is for what is no text. */
void json_answer(struct json *json, const uint8_t *answer, size_t length);

#endif
