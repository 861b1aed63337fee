/* What an upload came to, for people, for programs, and as an exit code. */
#ifndef OSSBIND_COMMAND_OUTCOME_H
#define OSSBIND_COMMAND_OUTCOME_H

#include "command.h"
#include <ossbind.h>

struct outcome {
  ossbind_status status;
  ossbind_upload_result *result; /* may be NULL */
  ossbind_error *error;          /* may be NULL */
  /* What was asked for. */
  const char *bucket;
  const char *key;
  int once;
  int has_callback;
};

/* The advice of a failure as an exit code. */
enum ended ended_with(ossbind_advice advice);

/* The same of an error; NULL is a success. */
enum ended ended_by(const ossbind_error *error);

/* What is wrong; NULL when nothing is. Lives as long as the outcome and the buffer. */
const char *message_of(const struct outcome *outcome, char *buffer, size_t size);

/* Successes go to standard output, failures to standard error. */
void show_success(const struct outcome *outcome);
void show_failure(const struct outcome *outcome);

/* One JSON object on standard output. */
void write_outcome(const struct outcome *outcome);

#endif
