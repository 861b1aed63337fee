/* Prints everything that is wrong with a callback, whose members are the arguments: "url=http://...". */
#include <ossbind.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

enum { MOST = 16 };

struct pairs {
  ossbind_pair items[MOST];
  size_t count;
};

struct members {
  ossbind_callback callback;
  struct pairs query, fields, variables;
};

static void add(struct pairs *pairs, char *text) {
  char *equals = strchr(text, '=');
  CHECK(equals && pairs->count < MOST);
  *equals = '\0';
  pairs->items[pairs->count].name = text;
  pairs->items[pairs->count].value = equals + 1;
  pairs->count++;
}

static int set_text(ossbind_callback *callback, const char *name, const char *value) {
  struct {
    const char *name;
    const char **member;
  } texts[] = {{"url", &callback->url},
               {"host", &callback->host},
               {"body", &callback->body},
               {"parameter", &callback->parameter},
               {"variables_parameter", &callback->variables_parameter}};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
    if (strcmp(texts[i].name, name) == 0) {
      *texts[i].member = value;
      return 1;
    }
  return 0;
}

static void set(struct members *members, char *argument) {
  char *value = strchr(argument, '=');
  CHECK(value);
  *value++ = '\0';
  if (set_text(&members->callback, argument, value))
    return;
  if (strcmp(argument, "url_query") == 0)
    add(&members->query, value);
  else if (strcmp(argument, "body_field") == 0)
    add(&members->fields, value);
  else if (strcmp(argument, "variable") == 0)
    add(&members->variables, value);
  else if (strcmp(argument, "body_type") == 0)
    members->callback.body_type = OSSBIND_BODY_TYPE_JSON;
  else if (strcmp(argument, "sni") == 0)
    members->callback.sni = strcmp(value, "on") == 0 ? OSSBIND_SNI_ON : OSSBIND_SNI_OFF;
  else if (strcmp(argument, "flags") == 0)
    members->callback.flags = OSSBIND_CALLBACK_RELAXED;
  else
    CHECK(!"a member");
}

/* What a problem says stands in its message, which is all that is printed. */
static void print(const ossbind_callback_problem *problem) {
  char offset[32] = "", ec[32] = "";
  if (problem->offset != SIZE_MAX)
    snprintf(offset, sizeof offset, " (at byte %zu)", problem->offset);
  if (problem->ec)
    snprintf(ec, sizeof ec, " (EC %s)", problem->ec);
  CHECK(problem->rule[0] && problem->cure[0] && problem->reserved == 0);
  printf("%s: %s%s: %s; %s%s\n", problem->severity == OSSBIND_SEVERITY_ERROR ? "error" : "warning",
         problem->field, offset, problem->rule, problem->cure, ec);
}

/* A callback is refused for the first error, and for nothing else. */
static void compare_with_encode(const ossbind_callback *callback,
                                const ossbind_callback_problem *first) {
  ossbind_encoded_callback *encoded = NULL;
  ossbind_error *error = NULL;
  const ossbind_status status = ossbind_callback_encode(callback, &encoded, &error);
  const int is_wrong = first && first->severity == OSSBIND_SEVERITY_ERROR;
  CHECK((status == OSSBIND_STATUS_OK) == !is_wrong);
  if (is_wrong) {
    CHECK(strcmp(ossbind_error_message(error), first->message) == 0);
    CHECK(strcmp(ossbind_error_field(error), first->field) == 0);
    CHECK(ossbind_error_offset(error) == first->offset);
  }
  ossbind_encoded_callback_free(encoded);
  ossbind_error_free(error);
}

int main(int count, char **arguments) {
  struct members members = {0};
  ossbind_callback *callback = &members.callback;
  ossbind_callback_init(callback);
  for (int i = 1; i < count; i++)
    set(&members, arguments[i]);
  callback->url_query = members.query.items;
  callback->url_query_count = members.query.count;
  callback->body_fields = members.fields.items;
  callback->body_field_count = members.fields.count;
  callback->variables = members.variables.items;
  callback->variable_count = members.variables.count;

  ossbind_callback_problems *problems = NULL;
  const ossbind_callback_problem *problem;
  CHECK(ossbind_callback_check(callback, &problems, NULL) == OSSBIND_STATUS_OK);
  ossbind_callback_problems_at(problems, 0, &problem);
  compare_with_encode(callback, problem);
  for (size_t i = 0; ossbind_callback_problems_at(problems, i, &problem); i++)
    print(problem);
  CHECK(!problem);
  ossbind_callback_problems_free(problems);
  return 0;
}
