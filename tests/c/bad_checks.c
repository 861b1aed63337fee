/* Callbacks that cannot be checked, and facts with which none can be rendered. */
#include <ossbind.h>
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "refusal.h"

/* What cannot be read at all is no list of problems. */
static size_t checking(void) {
  const struct {
    ossbind_callback callback;
    ossbind_status status;
    const char *field;
  } rows[] = {
      {{.struct_size = 8}, INVALID, "callback.struct_size"},
      {{.struct_size = sizeof(ossbind_callback), .flags = 2}, UNKNOWN, "callback.flags"},
      {{.struct_size = sizeof(ossbind_callback), .sni = 9}, UNKNOWN, "callback.sni"},
      {{.struct_size = sizeof(ossbind_callback), .url = "\xff"}, INVALID, "callback.url"},
      {{.struct_size = sizeof(ossbind_callback), .variable_count = 1},
       INVALID,
       "callback.variables"},
  };
  ossbind_error *error = NULL;
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    ossbind_callback_problems *problems = POISON;
    CHECK(ossbind_callback_check(&rows[i].callback, &problems, &error) == rows[i].status);
    CHECK(!problems);
    check_error(error, rows[i].status, rows[i].field, "");
    ossbind_error_free(error);
  }
  CHECK(ossbind_callback_check(NULL, NULL, &error) == INVALID);
  check_error(error, INVALID, "out_problems", "NULL");
  ossbind_error_free(error);
  return sizeof rows / sizeof *rows;
}

static size_t rendering(void) {
#define FACTS(...) \
  { .struct_size = sizeof(ossbind_object_facts), __VA_ARGS__ }
  const struct {
    ossbind_object_facts facts;
    ossbind_status status;
    const char *field;
  } rows[] = {
      {{.struct_size = 8}, INVALID, "object_facts.struct_size"},
      {FACTS(.flags = 1), UNKNOWN, "facts.flags"},
      {FACTS(.reserved = 1), UNKNOWN, "facts.reserved"},
      {FACTS(.key = "\xff"), INVALID, "facts.key"},
      {FACTS(.key = NULL), INVALID, "facts.key"},
      {FACTS(.key = "k", .etag = NULL), INVALID, "facts.etag"},
      {FACTS(.image_width = 1), INVALID, "facts.image_format"},
  };
  ossbind_callback callback;
  ossbind_callback_init(&callback);
  callback.url = "http://app.example.com/";
  callback.body = "${object}${etag}";
  ossbind_error *error = NULL;
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    ossbind_rendered_callback *rendered = POISON;
    CHECK(ossbind_callback_render(&callback, &rows[i].facts, &rendered, &error) == rows[i].status);
    CHECK(!rendered);
    check_error(error, rows[i].status, rows[i].field, "");
    ossbind_error_free(error);
  }
  ossbind_rendered_callback *rendered = POISON;
  CHECK(ossbind_callback_render(&callback, NULL, &rendered, &error) == INVALID);
  check_error(error, INVALID, "object_facts", "NULL");
  ossbind_error_free(error);
  const ossbind_object_facts facts = FACTS(.key = "k", .etag = "e");
  callback.body = NULL;
  callback.parameter = "{\"callbackPolicy\":\"name\"}";
  callback.url = NULL;
  CHECK(ossbind_callback_render(&callback, &facts, &rendered, &error) == INVALID);
  check_error(error, INVALID, "callback.parameter: callbackPolicy", "policy");
  ossbind_error_free(error);
  return sizeof rows / sizeof *rows;
}

static void null_objects(void) {
  size_t len = 1;
  const ossbind_callback_problem *problem = POISON;
  CHECK(ossbind_callback_problems_at(NULL, 0, &problem) == 0 && !problem);
  CHECK(ossbind_callback_problems_at(NULL, 0, NULL) == 0);
  CHECK(ossbind_rendered_callback_body(NULL, &len) == NULL && len == 0);
  CHECK(ossbind_rendered_callback_content_type(NULL) == NULL);
  ossbind_callback_problems_free(NULL);
  ossbind_rendered_callback_free(NULL);
  CHECK(strcmp(ossbind_severity_name(0), "(unknown)") == 0);
  CHECK(strcmp(ossbind_severity_name(OSSBIND_SEVERITY_WARNING), "OSSBIND_SEVERITY_WARNING") == 0);
}

int main(void) {
  const size_t count = checking() + rendering();
  null_objects();
  printf("%zu rows of bad input were refused\n", count);
  return 0;
}
