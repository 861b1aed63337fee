#include "options.h"
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is being read. */
struct reading {
  const struct command *command;
  const struct option *options;
  char **next; /* word */
};

/* The option of a word such as "--bucket" or "--bucket=b"; then `value` is behind the '='. */
static const struct option *find_option(const struct option *options, char *word, char **value) {
  size_t length = strcspn(word, "=");
  *value = word[length] ? word + length + 1 : NULL;
  for (const struct option *option = options; option->name; option++)
    if (strlen(option->name) == length && memcmp(option->name, word, length) == 0)
      return option;
  return NULL;
}

int read_number(const char *text, uint64_t *number) {
  char *end = NULL;
  errno = 0;
  *number = strtoull(text, &end, 10);
  return text[0] >= '0' && text[0] <= '9' && *end == '\0' && errno == 0;
}

static enum ended take_number(const struct reading *reading, const struct option *option,
                              const char *value) {
  uint64_t number;
  if (!read_number(value, &number) || number < option->least || number > option->most)
    return wrong_use(reading->command,
                     "%s is \"%s\", and must be a whole number from %" PRIu64 " to %" PRIu64,
                     option->name, value, option->least, option->most);
  *option->number = number;
  return ENDED_WELL;
}

static enum ended take_pair(const struct reading *reading, const struct option *option,
                            char *value) {
  struct pairs *pairs = option->pairs;
  char *equals = strchr(value, '=');
  if (!equals)
    return wrong_use(reading->command, "%s is \"%s\", and must be a name, '=' and a value",
                     option->name, value);
  if (pairs->count == sizeof pairs->items / sizeof *pairs->items)
    return wrong_use(reading->command, "%s is given more than %zu times", option->name,
                     pairs->count);
  *equals = '\0';
  pairs->items[pairs->count].name = value;
  pairs->items[pairs->count].value = equals + 1;
  pairs->count++;
  return ENDED_WELL;
}

static enum ended take_option(struct reading *reading, char *word) {
  char *value;
  const struct option *option = find_option(reading->options, word, &value);
  if (!option)
    return wrong_use(reading->command, "%s has no option \"%s\"", reading->command->name, word);
  if (option->flag) {
    *option->flag = 1;
    return value ? wrong_use(reading->command, "%s takes no value, and not \"%s\"", option->name,
                             value)
                 : ENDED_WELL;
  }
  if (!value && *reading->next)
    value = *reading->next++;
  if (!value)
    return wrong_use(reading->command, "%s needs a value behind it", option->name);
  if (option->number)
    return take_number(reading, option, value);
  if (option->pairs)
    return take_pair(reading, option, value);
  *option->text = value;
  return ENDED_WELL;
}

static enum ended take_argument(const struct reading *reading, struct arguments *arguments,
                                const char *word) {
  size_t most = sizeof arguments->words / sizeof *arguments->words;
  if (arguments->count == most)
    return wrong_use(reading->command, "\"%s\" is one argument too many", word);
  arguments->words[arguments->count++] = word;
  return ENDED_WELL;
}

int read_options(const struct command *command, const struct option *options, char **words,
                 struct arguments *arguments) {
  struct reading reading = {command, options, words};
  int only_arguments = 0;
  memset(arguments, 0, sizeof *arguments);
  while (*reading.next && arguments->ended == ENDED_WELL) {
    char *word = *reading.next++;
    if (!only_arguments && strcmp(word, "--help") == 0) {
      fputs(command->help, stdout);
      return 0;
    }
    if (!only_arguments && strcmp(word, "--") == 0)
      only_arguments = 1;
    else if (!only_arguments && word[0] == '-' && word[1] != '\0')
      arguments->ended = take_option(&reading, word);
    else
      arguments->ended = take_argument(&reading, arguments, word);
  }
  return arguments->ended == ENDED_WELL;
}

enum ended refuse_arguments(const struct command *command, const struct arguments *arguments) {
  if (arguments->count == 0)
    return ENDED_WELL;
  return wrong_use(command, "%s takes options only, and not \"%s\"", command->name,
                   arguments->words[0]);
}
