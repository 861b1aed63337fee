/* What 'ossbind doctor' looks at, and what it has found. */
#ifndef OSSBIND_COMMAND_DOCTOR_H
#define OSSBIND_COMMAND_DOCTOR_H

#include <ossbind.h>

/* In the order in which they are judged and shown. */
enum step { CONFIGURATION, NAME, CONNECTION, CLOCK, KEYS, BUCKET, CALLBACK, STEP_COUNT };

enum verdict { SKIPPED, OK, WRONG };

struct finding {
  enum verdict verdict;
  char *message; /* what is so, and what to do; NULL when memory ran out */
};

struct doctor {
  const char *bucket, *callback, *ca;
  int json;
  ossbind_client *client;
  char origin[300]; /* where requests about the bucket go: scheme, host, port */
  char host[256];
  int is_https;
  int has_clock_offset;
  int64_t clock_offset_s; /* how far the clock of this device is ahead of OSS */
  struct finding findings[STEP_COUNT];
};

/* Says what is found, once for each step, in their order. */
void conclude(struct doctor *doctor, enum step step, enum verdict verdict, const char *format, ...);

/* The steps, from the first to the last. */
void examine_configuration(struct doctor *doctor);
void examine_name(struct doctor *doctor);
void examine_service(struct doctor *doctor); /* CONNECTION to BUCKET, with one question */
void examine_callback(struct doctor *doctor);

#endif
