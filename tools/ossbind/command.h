/* What all commands of the program have in common: their table and how they end. */
#ifndef OSSBIND_COMMAND_COMMAND_H
#define OSSBIND_COMMAND_COMMAND_H

/* Exit codes. Scripts depend on them: docs/command.md lists them. */
enum ended {
  ENDED_WELL = 0,
  ENDED_BY_WRONG_USE = 1,
  ENDED_NOT_ACKNOWLEDGED = 2, /* stored, but the callback failed, or its answer is lost */
  ENDED_TRY_AGAIN = 3,
  ENDED_LOOK_FIRST = 4,
  ENDED_BY_REQUEST = 5,
  ENDED_BY_SETTINGS = 6
};

struct command {
  const char *name;                /* with that of the command it belongs to: "outbox add" */
  const char *summary;             /* one line, for the list of all commands */
  const char *help;                /* of one that has commands: what stands below their list */
  enum ended (*run)(char **words); /* gets what stands after the name, up to NULL */
  const struct command *const *commands; /* instead of `run`: those it consists of, up to NULL */
};

extern const struct command put_command;
extern const struct command doctor_command;
extern const struct command outbox_command;
extern const struct command check_command;
extern const struct command render_command;
extern const struct command explain_command;

/* Says on standard error what is wrong with the words of the user, and where to read on. NULL when there
 * is no such command. */
enum ended wrong_use(const struct command *command, const char *format, ...);

#endif
