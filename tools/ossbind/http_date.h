/* The header Date of an answer. */
#ifndef OSSBIND_COMMAND_HTTP_DATE_H
#define OSSBIND_COMMAND_HTTP_DATE_H

#include <stdint.h>

/* Reads "Sun, 04 Sep 2022 08:11:38 GMT" as seconds since 1970. Returns 0 when it is nothing of the kind. */
int read_http_date(const char *text, int64_t *seconds);

#endif
