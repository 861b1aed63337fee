/* ossbind check: everything that is wrong with a callback. */
#include "callback_file.h"
#include "command.h"
#include "json.h"
#include "options.h"
#include "text.h"
#include <stdio.h>

static enum ended run(char **words);

const struct command check_command = {
    "check", "find everything that is wrong with a callback",
    "usage: ossbind check [OPTION...] FILE\n\n"
    "FILE has the callback parameter: JSON, or Base64 of it as in x-oss-callback. Standard input\n"
    "when it is '-'. Nothing is sent.\n\n" CALLBACK_HELP
    "  --json                  print the problems as one JSON object\n\n"
    "Exit codes: 0 nothing is wrong, or there are warnings only, 1 wrong use, 5 the callback "
    "would\n"
    "be refused.\n",
    run, NULL};

static int is_refused(const ossbind_callback_problems *problems) {
  const ossbind_callback_problem *first;
  return ossbind_callback_problems_at(problems, 0, &first) &&
         first->severity == OSSBIND_SEVERITY_ERROR;
}

static void show_line(const char *begin, const char *text, const char *end) {
  fputs(begin, stdout);
  show_text(stdout, text);
  fputs(end, stdout);
}

static void show_problem(const ossbind_callback_problem *problem) {
  show_line(problem->severity == OSSBIND_SEVERITY_ERROR ? "error    " : "warning  ", problem->field,
            "");
  if (problem->offset != SIZE_MAX)
    printf(" (at byte %zu)", problem->offset);
  show_line(": ", problem->rule, "\n");
  show_line("         ", problem->cure, "\n");
  if (problem->ec)
    show_line("         'ossbind explain ", problem->ec, "' says more\n");
}

static void show_problems(const ossbind_callback_problems *problems) {
  const ossbind_callback_problem *problem;
  size_t count = 0;
  for (; ossbind_callback_problems_at(problems, count, &problem); count++)
    show_problem(problem);
  if (count == 0)
    puts("nothing is wrong");
}

static void write_problems(const ossbind_callback_problems *problems) {
  struct json json = {stdout, 0};
  json_open(&json, NULL, '{');
  json_raw(&json, "ok", is_refused(problems) ? "false" : "true");
  json_open(&json, "problems", '[');
  const ossbind_callback_problem *problem;
  for (size_t i = 0; ossbind_callback_problems_at(problems, i, &problem); i++) {
    json_open(&json, NULL, '{');
    json_text(&json, "severity", ossbind_severity_name(problem->severity));
    json_text(&json, "field", problem->field);
    if (problem->offset == SIZE_MAX)
      json_raw(&json, "offset", "null");
    else
      json_number(&json, "offset", (int64_t)problem->offset);
    json_text(&json, "rule", problem->rule);
    json_text(&json, "cure", problem->cure);
    json_text(&json, "ec", problem->ec);
    json_text(&json, "message", problem->message);
    json_close(&json, '}');
  }
  json_close(&json, ']');
  json_end(&json);
}

static enum ended check(const ossbind_callback *callback, int as_json) {
  ossbind_callback_problems *problems = NULL;
  ossbind_error *error = NULL;
  if (ossbind_callback_check(callback, &problems, &error) != OSSBIND_STATUS_OK)
    return ended_by_refusal(error);
  if (as_json)
    write_problems(problems);
  else
    show_problems(problems);
  const enum ended ended = is_refused(problems) ? ENDED_BY_REQUEST : ENDED_WELL;
  ossbind_callback_problems_free(problems);
  return ended;
}

static enum ended run(char **words) {
  struct callback_file file = {0};
  ossbind_callback callback;
  int as_json = 0;
  const struct option options[] = {
      CALLBACK_OPTIONS(&file), {.name = "--json", .flag = &as_json}, {.name = NULL}};
  struct arguments arguments;
  if (!read_options(&check_command, options, words, &arguments))
    return arguments.ended;
  const enum ended ended = read_callback(&check_command, &arguments, &file, &callback);
  return ended == ENDED_WELL ? check(&callback, as_json) : ended;
}
