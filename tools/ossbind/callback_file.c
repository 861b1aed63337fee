#include "callback_file.h"
#include "text.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

static enum ended refuse(const char *name, const char *fault) {
  fputs("ossbind: ", stderr);
  show_text(stderr, name);
  fprintf(stderr, ": %s\n", fault);
  return ENDED_BY_REQUEST;
}

/* Reads all of it, up to what is far more than OSS takes. */
static enum ended read_text(struct callback_file *file, const char *name) {
  const int is_standard_input = strcmp(name, "-") == 0;
  FILE *stream = is_standard_input ? stdin : fopen(name, "rb");
  if (!stream)
    return refuse(name, strerror(errno));
  const size_t length = fread(file->text, 1, sizeof file->text, stream);
  const int fault = ferror(stream) ? errno : 0;
  if (!is_standard_input)
    fclose(stream);
  if (fault)
    return refuse(name, strerror(fault));
  if (length == sizeof file->text)
    return refuse(name, "this is no callback: OSS takes 5120 bytes of Base64");
  if (memchr(file->text, '\0', length))
    return refuse(name, "this is no callback: it has a NUL, and is no text");
  file->text[length] = '\0';
  return ENDED_WELL;
}

enum ended read_callback(const struct command *command, const struct arguments *arguments,
                         struct callback_file *file, ossbind_callback *callback) {
  if (arguments->count != 1)
    return arguments->count == 0
               ? wrong_use(command, "FILE is missing: %s needs one", command->name)
               : wrong_use(command, "\"%s\" is one argument too many", arguments->words[1]);
  ossbind_callback_init(callback);
  callback->parameter = file->text;
  callback->variables_parameter = file->ready_variables;
  callback->variable_count = file->variables.count;
  if (file->variables.count > 0)
    callback->variables = file->variables.items;
  callback->flags = file->relaxed ? OSSBIND_CALLBACK_RELAXED : 0;
  return read_text(file, arguments->words[0]);
}

enum ended ended_by_refusal(ossbind_error *error) {
  fputs("ossbind: ", stderr);
  show_text(stderr, ossbind_error_message(error));
  fputc('\n', stderr);
  ossbind_error_free(error);
  return ENDED_BY_REQUEST;
}
