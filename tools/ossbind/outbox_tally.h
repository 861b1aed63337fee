/* Counts what becomes of items while they are sent. */
#ifndef OSSBIND_COMMAND_OUTBOX_TALLY_H
#define OSSBIND_COMMAND_OUTBOX_TALLY_H

#include <ossbind.h>
#include <pthread.h>
#include <stdio.h>

/* By ossbind_item_outcome; what a newer library may say is counted as not acknowledged. */
enum { OUTCOME_COUNT = OSSBIND_ITEM_OUTCOME_DROPPED + 1 };

struct tally {
  ossbind_outbox *outbox;
  int acknowledges; /* receipts of what was stored and called back, so that nobody need do that */
  int is_silent, shows_progress;
  uint64_t counts[OUTCOME_COUNT];
  uint64_t damaged_before; /* what lay in corrupt/ when it began */
  char
      reason[512]; /* why one of those that wait is not stored yet; empty while that is not known */
  int is_watching, is_line_open;
  int end[2];
  pthread_t thread;
};

/* An ossbind_log_fn whose userdata is a tally: says what is wrong, above the line of the progress. */
void show_warning(void *userdata, ossbind_log_level level, const char *message);

/* Counts from now on, beside the thread that sends, until end_tally(). */
void begin_tally(struct tally *tally);
void end_tally(struct tally *tally);

/* How many were found damaged, and set aside without a receipt. */
uint64_t count_damaged(const struct tally *tally, const ossbind_outbox_stats *stats);

/* How many were stored, and how many never will be. */
uint64_t count_stored(const struct tally *tally);
uint64_t count_lost(const struct tally *tally);

/* "3 stored, 1 refused, 2 wait" */
void show_tally(FILE *out, const struct tally *tally, const ossbind_outbox_stats *stats);

#endif
