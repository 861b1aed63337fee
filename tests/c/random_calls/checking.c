/* Callbacks that are checked and rendered. */
#include "machine.h"

/* What a list says, which is the same as what ossbind_callback_encode() says. */
static void read_problems(const ossbind_callback_problems *problems, ossbind_status encoded) {
  const ossbind_callback_problem *problem = POISON;
  int errors = 0, warnings = 0;
  for (size_t i = 0; CALL(ossbind_callback_problems_at)(problems, i, &problem); i++) {
    const int is_error = problem->severity == OSSBIND_SEVERITY_ERROR;
    EXPECT(!is_error || warnings == 0);
    *(is_error ? &errors : &warnings) += 1;
    EXPECT(strncmp(CALL(ossbind_severity_name)(problem->severity), "OSSBIND_SEVERITY_", 17) == 0);
    EXPECT(problem->rule[0] && problem->cure[0]);
    EXPECT_OF(strncmp(problem->message, problem->field, strlen(problem->field)) == 0,
              problem->message);
    check_message(problem->message);
    check_message(problem->ec);
  }
  EXPECT(!problem);
  EXPECT((errors == 0) == (encoded == OSSBIND_STATUS_OK));
}

void check_callback(struct call *call) {
  const ossbind_callback *callback = any_callback(call);
  ossbind_encoded_callback *encoded = NULL;
  ossbind_callback_problems *problems = POISON;
  ossbind_error *error = NULL;
  const ossbind_status says = CALL(ossbind_callback_encode)(callback, &encoded, NULL);
  const ossbind_status status = CALL(ossbind_callback_check)(callback, &problems, &error);
  EXPECT(status == OSSBIND_STATUS_OK || status == says);
  EXPECT((status == OSSBIND_STATUS_OK) == (problems != NULL));
  EXPECT((status == OSSBIND_STATUS_OK) == !error);
  if (problems)
    read_problems(problems, says);
  CALL(ossbind_callback_problems_free)(problems);
  CALL(ossbind_encoded_callback_free)(encoded);
  post(call, ERRORS, error);
}

static const ossbind_object_facts *any_facts(struct call *call) {
  ossbind_object_facts facts;
  int is_read;
  ossbind_object_facts_init(&facts);
  facts.bucket = "examplebucket";
  facts.key = text_of(call, TEXTS("k", "a b/\xC3\xA9\""));
  facts.etag = rare_text(call, TEXTS("D41D8CD98F00B204E9800998ECF8427E"));
  facts.size = any_large_number(call);
  facts.crc64 = any_large_number(call);
  facts.image_format = rare_text(call, TEXTS("jpg"));
  if (facts.image_format)
    facts.image_width = any_large_number(call);
  facts.flags = any_flags(call, 0);
  return sized(call, &facts, sizeof facts, &is_read);
}

void render_callback(struct call *call) {
  const struct wanted wanted = any_wanted(call);
  const ossbind_callback *callback = mistake(call, 20) ? NULL : any_callback(call);
  const ossbind_object_facts *facts = mistake(call, 20) ? NULL : any_facts(call);
  ossbind_rendered_callback *rendered = wanted.object ? POISON : NULL;
  ossbind_error *error = wanted.error ? POISON : NULL;
  const ossbind_status status = CALL(ossbind_callback_render)(
      callback, facts, wanted.object ? &rendered : NULL, wanted.error ? &error : NULL);
  check_made(call, wanted, status, rendered, error);
  size_t length = 1;
  const uint8_t *body = CALL(ossbind_rendered_callback_body)(rendered, &length);
  EXPECT((body != NULL) == (rendered != NULL));
  EXPECT(body || length == 0);
  EXPECT((CALL(ossbind_rendered_callback_content_type)(rendered) != NULL) == (rendered != NULL));
  CALL(ossbind_rendered_callback_free)(rendered);
}
