/* The steps that one question to OSS answers: connection, clock, keys, bucket. */
#define _POSIX_C_SOURCE 200809L
#include "doctor.h"
#include "http_date.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* OSS refuses what was signed with another time. */
static const int64_t ACCEPTED_OFFSET_S = 15 * 60;

/* What came of the question. */
struct answer {
  ossbind_status status;
  ossbind_error *error; /* NULL if the object is there */
  const char *code;     /* of OSS; "" for none */
};

static struct answer ask(const struct doctor *doctor) {
  struct answer answer = {0};
  char key[80];
  ossbind_find_request request;
  snprintf(key, sizeof key, "ossbind-doctor/does-not-exist-%" PRId64 "-%ld", (int64_t)time(NULL),
           (long)getpid());
  ossbind_find_request_init(&request);
  request.bucket = doctor->bucket;
  request.key = key;
  request.body = OSSBIND_BODY_KIND_MEMORY;
  answer.status = ossbind_client_find(doctor->client, &request, NULL, &answer.error);
  const char *code = ossbind_error_oss_code(answer.error);
  answer.code = code ? code : "";
  return answer;
}

static int is_one_of(const char *code, const char *const *codes) {
  for (; *codes; codes++)
    if (strcmp(code, *codes) == 0)
      return 1;
  return 0;
}

/* Whether it was OSS that answered, and not a proxy, or nobody. */
static int is_from_oss(const struct answer *answer) {
  return answer->status == OSSBIND_STATUS_OK || answer->status == OSSBIND_STATUS_NOT_FOUND ||
         answer->status == OSSBIND_STATUS_SERVICE;
}

static void judge_connection(struct doctor *doctor, const struct answer *answer) {
  const ossbind_metrics *metrics = ossbind_error_metrics(answer->error);
  uint64_t milliseconds = metrics ? (metrics->connect_us + metrics->tls_us) / 1000 : 0;
  if (!is_from_oss(answer))
    conclude(doctor, CONNECTION, WRONG, "%s", ossbind_error_message(answer->error));
  else if (doctor->is_https)
    conclude(doctor, CONNECTION, OK,
             "made in %" PRIu64 " ms, with TLS and a certificate that is trusted", milliseconds);
  else
    conclude(doctor, CONNECTION, OK,
             "made in %" PRIu64
             " ms, without TLS (http), so that anybody on the way can read along",
             milliseconds);
}

/* Finds the time of OSS in the report. Quotes inside of its texts are escaped, so that none looks like
 * the member. */
static int server_time(const struct answer *answer, int64_t *seconds) {
  static const char MEMBER[] = "\"server_time\":\"";
  const char *report = ossbind_error_report(answer->error);
  const char *member = report ? strstr(report, MEMBER) : NULL;
  return member && read_http_date(member + strlen(MEMBER), seconds);
}

static void judge_clock(struct doctor *doctor, const struct answer *answer, int64_t now) {
  int64_t theirs;
  if (!is_from_oss(answer) || !server_time(answer, &theirs)) {
    conclude(doctor, CLOCK, SKIPPED, "only an answer of OSS says what time it is");
    return;
  }
  int64_t offset = doctor->clock_offset_s = now - theirs;
  int64_t distance = offset < 0 ? -offset : offset;
  const char *direction = offset < 0 ? "behind" : "ahead of";
  doctor->has_clock_offset = 1;
  if (distance == 0)
    conclude(doctor, CLOCK, OK, "the same time as OSS");
  else if (distance <= ACCEPTED_OFFSET_S)
    conclude(doctor, CLOCK, OK, "%" PRId64 " s %s OSS", distance, direction);
  else
    conclude(
        doctor, CLOCK, WRONG,
        "%" PRId64 " s %s OSS, which accepts %" PRId64
        " s. Uploads go on with the time of OSS, as far as that is allowed, but certificates are "
        "checked against this clock: set it, by NTP for example",
        distance, direction, ACCEPTED_OFFSET_S);
}

static void judge_keys(struct doctor *doctor, const struct answer *answer) {
  static const char *const OF_KEYS[] = {"InvalidAccessKeyId", "SignatureDoesNotMatch",
                                        "InvalidSecurityToken", "SecurityTokenExpired", NULL};
  if (is_one_of(answer->code, OF_KEYS))
    conclude(doctor, KEYS, WRONG,
             "%s. Set OSS_ACCESS_KEY_ID, OSS_ACCESS_KEY_SECRET and, for temporary "
             "keys only, OSS_SESSION_TOKEN",
             ossbind_error_message(answer->error));
  else if (answer->status == OSSBIND_STATUS_OK || answer->status == OSSBIND_STATUS_NOT_FOUND ||
           strcmp(answer->code, "AccessDenied") == 0)
    conclude(doctor, KEYS, OK, "OSS knows them, and accepts what they sign");
  else if (!is_from_oss(answer))
    conclude(doctor, KEYS, SKIPPED, "OSS was not asked, as the connection failed");
  else
    conclude(doctor, KEYS, SKIPPED, "OSS refused the question before it said anything of them (%s)",
             answer->code);
}

static void judge_denial(struct doctor *doctor, const struct answer *answer) {
  const char *endpoint = ossbind_error_document_element(answer->error, "Endpoint");
  const char *reason = ossbind_error_document_element(answer->error, "Message");
  if (endpoint)
    conclude(doctor, BUCKET, WRONG,
             "bucket \"%s\" is in another region: set OSS_ENDPOINT to %s, and "
             "OSS_REGION to match",
             doctor->bucket, endpoint);
  else
    conclude(doctor, BUCKET, OK,
             "bucket \"%s\" is there. These keys may not look for objects "
             "(oss:GetObject), which is as it should be for keys that only put, with "
             "--once. If 'ossbind put' is refused as well, they lack oss:PutObject, "
             "or the bucket is somebody else's. OSS says: %s",
             doctor->bucket, reason ? reason : "nothing more");
}

static void judge_bucket(struct doctor *doctor, const struct answer *answer) {
  if (!is_from_oss(answer))
    conclude(doctor, BUCKET, SKIPPED, "OSS was not asked, as the connection failed");
  else if (doctor->findings[KEYS].verdict == WRONG)
    conclude(doctor, BUCKET, SKIPPED, "OSS says nothing of it to keys that it does not accept");
  else if (answer->status != OSSBIND_STATUS_SERVICE)
    conclude(doctor, BUCKET, OK,
             "bucket \"%s\" is there, and these keys may look for objects in it; "
             "whether they may put was not tried",
             doctor->bucket);
  else if (strcmp(answer->code, "AccessDenied") == 0)
    judge_denial(doctor, answer);
  else if (strcmp(answer->code, "RequestTimeTooSkewed") == 0)
    conclude(doctor, BUCKET, SKIPPED, "OSS refused the question because of the clock");
  else
    conclude(doctor, BUCKET, WRONG, "%s", ossbind_error_message(answer->error));
}

void examine_service(struct doctor *doctor) {
  const char *reason = doctor->findings[CONFIGURATION].verdict != OK ? "there is no configuration"
                       : doctor->findings[NAME].verdict == WRONG     ? "the name is not resolved"
                                                                     : NULL;
  if (reason) {
    for (int step = CONNECTION; step <= BUCKET; step++)
      conclude(doctor, (enum step)step, SKIPPED, "OSS was not asked, as %s", reason);
    return;
  }
  struct answer answer = ask(doctor);
  int64_t now = (int64_t)time(NULL);
  judge_connection(doctor, &answer);
  judge_clock(doctor, &answer, now);
  judge_keys(doctor, &answer);
  judge_bucket(doctor, &answer);
  ossbind_error_free(answer.error);
}
