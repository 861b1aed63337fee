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
    run_version};

static const struct command help_command = {"help", "explain a command",
                                            "usage: ossbind help [COMMAND]\n\n"
                                            "Lists the commands, or explains one.\n",
                                            run_help};

static const struct command *const COMMANDS[] = {&put_command, &doctor_command, &version_command,
                                                 &help_command};
static const size_t COMMAND_COUNT = sizeof COMMANDS / sizeof *COMMANDS;

static const struct command *find_command(const char *name) {
  for (size_t i = 0; i < COMMAND_COUNT; i++)
    if (strcmp(COMMANDS[i]->name, name) == 0)
      return COMMANDS[i];
  return NULL;
}

static void list_commands(FILE *out) {
  fputs("usage: ossbind COMMAND [OPTION...] [ARGUMENT...]\n\n", out);
  for (size_t i = 0; i < COMMAND_COUNT; i++)
    fprintf(out, "  %-8s %s\n", COMMANDS[i]->name, COMMANDS[i]->summary);
  fputs("\nThe service and the keys come from the environment: OSS_ENDPOINT, OSS_REGION,\n"
        "OSS_ACCESS_KEY_ID, OSS_ACCESS_KEY_SECRET, OSS_SESSION_TOKEN, OSS_BUCKET and\n"
        "OSS_CALLBACK_URL. 'ossbind help COMMAND' explains a command.\n",
        out);
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
  const struct command *command = words[0] ? find_command(words[0]) : NULL;
  if (words[0] && !command)
    return wrong_use(NULL, "there is no command \"%s\"", words[0]);
  if (command)
    fputs(command->help, stdout);
  else
    list_commands(stdout);
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

static enum ended run_command(char **words) {
  const char *name = words[0];
  if (!name) {
    list_commands(stderr);
    return ENDED_BY_WRONG_USE;
  }
  if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
    return run_help(words + 1);
  if (strcmp(name, "--version") == 0)
    return run_version(words + 1);
  const struct command *command = find_command(name);
  if (!command)
    return wrong_use(NULL, "there is no command \"%s\"", name);
  if (words[1] && strcmp(words[1], "--help") == 0) {
    fputs(command->help, stdout);
    return ENDED_WELL;
  }
  return command->run(words + 1);
}

int main(int argc, char **argv) {
  occupy_standard_streams();
  /* A reader that has gone must not hide what became of the object: the exit code says it. */
  signal(SIGPIPE, SIG_IGN);
  enum ended ended = run_command(argv + (argc > 0));
  if (fflush(stdout) != 0 || ferror(stdout))
    perror("ossbind: not all could be written to standard output");
  return (int)ended;
}
