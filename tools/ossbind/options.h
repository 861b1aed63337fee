/* The words of a command: options and arguments, in any order. */
#ifndef OSSBIND_COMMAND_OPTIONS_H
#define OSSBIND_COMMAND_OPTIONS_H

#include "command.h"
#include <ossbind.h>

/* Values of an option that may be repeated. OSS takes 8 KB of metadata, and so not many more. */
struct pairs {
  ossbind_pair items[64];
  size_t count;
};

/* An option of a command. One of the four targets is set, and says what the option takes. */
struct option {
  const char *name;
  int *flag;           /* no value; becomes 1 */
  const char **text;   /* any value */
  struct pairs *pairs; /* name=value */
  uint64_t *number;    /* a whole number from `least` to `most` */
  uint64_t least, most;
};

struct arguments {
  const char *words[2];
  size_t count;
  enum ended ended; /* when the words were not read: how the command ends */
};

/* Reads the words of a command; `options` ends with one that has no name. Returns 1, or 0 when the
 * command has come to its end: help was asked for, or something is wrong, which was said then.
 * Pairs are cut in place. */
int read_options(const struct command *command, const struct option *options, char **words,
                 struct arguments *arguments);

/* For a command that takes options only: says so when there is anything else. */
enum ended refuse_arguments(const struct command *command, const struct arguments *arguments);

/* A whole number of decimal digits. Returns 0 when the text is none. */
int read_number(const char *text, uint64_t *number);

#endif
