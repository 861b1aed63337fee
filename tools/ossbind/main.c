/* ossbind: uploads a file from a board, and finds out why that does not work. */
#define _POSIX_C_SOURCE 200809L
#include <ossbind.h>
#include "command.h"
#include "text.h"
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static enum ended run_version(char **words);
static enum ended run_help(char **words);

static const struct command version_command = {
    "version", "print the version of the library and of the header",
    "usage: ossbind version\n\n"
    "Prints the version of the library that is loaded, and that of the header.\n",
    run_version, NULL};

static const struct command help_command = {"help", "explain a command",
                                            "usage: ossbind help [COMMAND]\n\n"
                                            "Lists the commands, or explains one.\n",
                                            run_help, NULL};

static const struct command *const COMMANDS[] = {
    &put_command,     &outbox_command, &doctor_command,
    &check_command,   &render_command, &explain_command,
    &version_command, &help_command,   NULL};

static const struct command program = {
    NULL, NULL,
    "The service and the keys come from the environment: OSS_ENDPOINT, OSS_REGION,\n"
    "OSS_ACCESS_KEY_ID, OSS_ACCESS_KEY_SECRET, OSS_SESSION_TOKEN, OSS_BUCKET and\n"
    "OSS_CALLBACK_URL. 'ossbind help COMMAND' explains a command.\n",
    NULL, COMMANDS};

/* What the user writes for a command, behind the names of those it belongs to. */
static const char *own_name(const struct command *command) {
  const char *space = strrchr(command->name, ' ');
  return space ? space + 1 : command->name;
}

static const struct command *find_command(const struct command *among, const char *name) {
  for (const struct command *const *next = among->commands; *next; next++)
    if (strcmp(own_name(*next), name) == 0)
      return *next;
  return NULL;
}

static void show_help(FILE *out, const struct command *command) {
  if (command->commands) {
    fprintf(out, "usage: ossbind%s%s COMMAND [OPTION...] [ARGUMENT...]\n\n",
            command->name ? " " : "", command->name ? command->name : "");
    for (const struct command *const *next = command->commands; *next; next++)
      fprintf(out, "  %-9s %s\n", own_name(*next), (*next)->summary);
    fputc('\n', out);
  }
  fputs(command->help, out);
}

static enum ended no_command(const struct command *among, const char *name) {
  const struct command *command = among->name ? among : NULL;
  return wrong_use(command, "there is no command \"%s%s%s\"", command ? command->name : "",
                   command ? " " : "", name);
}

enum ended wrong_use(const struct command *command, const char *format, ...) {
  char message[512];
  va_list values;
  va_start(values, format);
  vsnprintf(message, sizeof message, format, values);
  va_end(values);
  fputs("ossbind: ", stderr);
  show_text(stderr, message);
  if (command)
    fprintf(stderr, "\n'ossbind help %s' explains it\n", command->name);
  else
    fputs("\n'ossbind help' lists the commands\n", stderr);
  return ENDED_BY_WRONG_USE;
}

static enum ended run_version(char **words) {
  if (words[0])
    return wrong_use(&version_command, "version takes no argument, and not \"%s\"", words[0]);
  printf("ossbind %s, header %d.%d.%d\n", ossbind_version(), OSSBIND_VERSION_MAJOR,
         OSSBIND_VERSION_MINOR, OSSBIND_VERSION_PATCH);
  return ENDED_WELL;
}

static enum ended run_help(char **words) {
  const struct command *command = &program;
  for (; *words && command->commands; words++) {
    const struct command *inner = find_command(command, *words);
    if (!inner)
      return no_command(command, *words);
    command = inner;
  }
  show_help(stdout, command);
  return ENDED_WELL;
}

/* A connection that gets the number of a closed standard stream would be read, or printed to. Opened for
 * writing only, so that reading a standard input that is not there fails instead of storing an empty
 * object. */
static void occupy_standard_streams(void) {
  int descriptor;
  do
    descriptor = open("/dev/null", O_WRONLY);
  while (descriptor >= 0 && descriptor <= STDERR_FILENO);
  if (descriptor >= 0)
    close(descriptor);
}

/* Follows the words to the command that they name, and lets it take the rest. */
static enum ended run_command(const struct command *command, char **words) {
  while (command->commands) {
    const char *name = *words;
    if (!name) {
      show_help(stderr, command);
      return ENDED_BY_WRONG_USE;
    }
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
      break;
    const struct command *inner = find_command(command, name);
    if (!inner)
      return no_command(command, name);
    command = inner;
    words++;
  }
  if (command->run && !(*words && strcmp(*words, "--help") == 0))
    return command->run(words);
  show_help(stdout, command);
  return ENDED_WELL;
}

int main(int argc, char **argv) {
  occupy_standard_streams();
  /* A reader that has gone must not hide what became of the object: the exit code says it. */
  signal(SIGPIPE, SIG_IGN);
  char **words = argv + (argc > 0);
  int asks_version = *words && strcmp(*words, "--version") == 0;
  enum ended ended = asks_version ? run_version(words + 1) : run_command(&program, words);
  flush_output();
  return (int)ended;
}
