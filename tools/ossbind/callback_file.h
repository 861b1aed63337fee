/* The words that say what a callback is: of 'ossbind check', and of 'ossbind render'. */
#ifndef OSSBIND_COMMAND_CALLBACK_FILE_H
#define OSSBIND_COMMAND_CALLBACK_FILE_H

#include "options.h"
#include <ossbind.h>

struct callback_file {
  struct pairs variables;
  const char *ready_variables;
  int relaxed;
  char text[65536]; /* of the file */
};

/* The options of a callback, and what the help says of them. */
#define CALLBACK_OPTIONS(callback)                                \
  {.name = "--var", .pairs = &(callback)->variables},             \
      {.name = "--vars", .text = &(callback)->ready_variables}, { \
    .name = "--relaxed", .flag = &(callback)->relaxed             \
  }

#define CALLBACK_HELP                                                                         \
  "  --var x:NAME=VALUE      a variable, which stands in the body as ${x:NAME}; repeatable\n" \
  "  --vars TEXT             the variables as JSON or Base64, as in x-oss-callback-var\n"     \
  "  --relaxed               accept what OSS accepts, but hardly anybody means\n"

/* Takes FILE, reads it, and fills the callback, which points into both. Says what is wrong. */
enum ended read_callback(const struct command *command, const struct arguments *arguments,
                         struct callback_file *file, ossbind_callback *callback);

/* Says why the library refuses the callback, and frees the error. */
enum ended ended_by_refusal(ossbind_error *error);

#endif
