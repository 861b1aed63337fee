/* What the parts of the load share. The program must not bring its threads into an order that the library
 * would have to bring them into: it would hide the races that it looks for. So counters are relaxed, there
 * is no lock, and only the objects that threads hand over are released and acquired. */
#ifndef OSSBIND_TESTS_RACES_LOAD_H
#define OSSBIND_TESTS_RACES_LOAD_H

#include <inttypes.h>
#include <ossbind.h>
#include <pthread.h>
#include <string.h>
#include <time.h>

#include "../check.h"

/* Shared clients: plain http with the program's function for keys, the same with TLS, and one with the
 * keys of the environment and the old signature. */
enum client_kind { PLAIN, WITH_TLS, WITH_CHAIN, CLIENT_KINDS };

/* Threads on each shared client, threads that read what others got, that cancel, that make clients. */
enum { WORKERS = 8, READERS = 3, CANCELLERS = 2, MAKERS = 2 };

/* What happened, for the end: a load in which something never happens proves nothing about it. */
enum count {
  UPLOADED,
  UPLOADED_IN_PARTS,
  UPLOADED_STREAMS,
  UPLOADED_BUNDLES,
  UPLOADED_BY_PROCESS_CLIENT,
  CALLBACK_FAILED,
  FAILED,
  RETRIED,
  CANCELLED,
  OUT_OF_TIME,
  KEYS_GIVEN,
  KEYS_FREED,
  LOG_LINES,
  PROGRESS_CALLS,
  SHARED_ERRORS,
  SHARED_RESULTS,
  CLIENTS_MADE,
  COUNTS
};

void count(enum count what);
unsigned long counted(enum count what);

/* Whether the time is up. */
int is_over(void);

/* Sets a pace, and looks again later at what only a lock could announce (see above). */
static inline void pause_ms(long milliseconds) {
  const struct timespec time = {milliseconds / 1000, milliseconds % 1000 * 1000000};
  nanosleep(&time, NULL);
}

/* Where the services are, and what there is to upload. */
struct places {
  const char *plain_endpoint;
  const char *tls_endpoint;
  const char *ca_file;
  const char *file;
  const char *checkpoint_dir;
  const char *bucket;
  const char *callback_url;
};

/* A shared client, and one that has no keys. */
struct clients {
  const struct places *places;
  ossbind_client *with_keys;
  ossbind_client *without_keys;
};

/* clients.c */
ossbind_client *new_client(const struct places *places, enum client_kind kind);
ossbind_client *new_client_without_keys(const struct places *places, enum client_kind kind);
void *make_clients(void *places);

/* uploads.c: uploads until the time is up. */
struct worker {
  struct clients clients;
  int number;
};
void *work(void *worker);

/* cancels.c: a token that one of the cancellers will trigger, unless the upload is done before. */
ossbind_cancel *offer_cancel(void);
void take_back(ossbind_cancel *cancel);
void *cancel_uploads(void *unused);

/* outcomes.c: hands a result and an error, either of which may be NULL, to all readers. The last one
 * frees them. */
void share(ossbind_upload_result *result, ossbind_error *error);
void *read_outcomes(void *mailbox);
void empty_mailboxes(void);

/* misuse.c */
void write_while_uploading(void);

#endif
