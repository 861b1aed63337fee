/* ossbind doctor: why do uploads from this board fail? */
#define _POSIX_C_SOURCE 200809L
#include "doctor.h"
#include "command.h"
#include "json.h"
#include "options.h"
#include "text.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static const char *const STEPS[STEP_COUNT] = {"configuration", "name",   "connection", "clock",
                                              "keys",          "bucket", "callback"};
static const char *const VERDICTS[] = {"skipped", "ok", "wrong"};

static enum ended run(char **words);

const struct command doctor_command = {
    "doctor", "find out why uploads fail",
    "usage: ossbind doctor [OPTION...]\n\n"
    "Looks at one thing after the other, and says what is wrong and what to do: configuration, "
    "name\n"
    "of the service, connection and TLS, clock, keys, bucket and region, callback. It asks OSS for "
    "an\n"
    "object that does not exist, and stores nothing.\n\n"
    "  --bucket BUCKET   instead of OSS_BUCKET\n"
    "  --callback URL    instead of OSS_CALLBACK_URL\n"
    "  --ca FILE         PEM file of the certificate authorities to trust\n"
    "  --json            print the findings as one JSON object\n\n"
    "Exit codes: 0 nothing is wrong, 1 wrong use, 6 something is wrong.\n",
    run, NULL};

static void show_finding(const struct doctor *doctor, enum step step) {
  const struct finding *finding = &doctor->findings[step];
  printf("%-8s %-14s", VERDICTS[finding->verdict], STEPS[step]);
  show_text(stdout, finding->message);
  putchar('\n');
  fflush(stdout); /* the next step may take long */
}

void conclude(struct doctor *doctor, enum step step, enum verdict verdict, const char *format,
              ...) {
  struct finding *finding = &doctor->findings[step];
  va_list values;
  va_start(values, format);
  finding->message = new_text(format, values);
  va_end(values);
  finding->verdict = verdict;
  if (!doctor->json)
    show_finding(doctor, step);
}

static int is_anything_wrong(const struct doctor *doctor) {
  for (int step = 0; step < STEP_COUNT; step++)
    if (doctor->findings[step].verdict == WRONG)
      return 1;
  return 0;
}

static void write_findings(const struct doctor *doctor) {
  struct json json = {stdout, 0};
  json_open(&json, NULL, '{');
  json_raw(&json, "ok", is_anything_wrong(doctor) ? "false" : "true");
  if (doctor->has_clock_offset)
    json_number(&json, "clock_offset_s", doctor->clock_offset_s);
  else
    json_raw(&json, "clock_offset_s", "null");
  json_open(&json, "steps", '[');
  for (int step = 0; step < STEP_COUNT; step++) {
    json_open(&json, NULL, '{');
    json_text(&json, "step", STEPS[step]);
    json_text(&json, "verdict", VERDICTS[doctor->findings[step].verdict]);
    json_text(&json, "message", doctor->findings[step].message);
    json_close(&json, '}');
  }
  json_close(&json, ']');
  json_end(&json);
}

static void from_environment(const char **setting, const char *name) {
  if (!*setting)
    *setting = getenv(name);
  if (*setting && !**setting)
    *setting = NULL;
}

static enum ended run(char **words) {
  struct doctor doctor = {0};
  const struct option options[] = {{.name = "--bucket", .text = &doctor.bucket},
                                   {.name = "--callback", .text = &doctor.callback},
                                   {.name = "--ca", .text = &doctor.ca},
                                   {.name = "--json", .flag = &doctor.json},
                                   {.name = NULL}};
  struct arguments arguments;
  if (!read_options(&doctor_command, options, words, &arguments))
    return arguments.ended;
  if (refuse_arguments(&doctor_command, &arguments) != ENDED_WELL)
    return ENDED_BY_WRONG_USE;
  from_environment(&doctor.bucket, "OSS_BUCKET");
  from_environment(&doctor.callback, "OSS_CALLBACK_URL");

  examine_configuration(&doctor);
  examine_name(&doctor);
  examine_service(&doctor);
  examine_callback(&doctor);

  enum ended ended = is_anything_wrong(&doctor) ? ENDED_BY_SETTINGS : ENDED_WELL;
  if (doctor.json)
    write_findings(&doctor);
  for (int step = 0; step < STEP_COUNT; step++)
    free(doctor.findings[step].message);
  ossbind_client_free(doctor.client);
  return ended;
}
