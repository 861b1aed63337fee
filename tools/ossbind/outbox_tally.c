#define _POSIX_C_SOURCE 200809L
#include "outbox_tally.h"
#include "outbox_receipt.h"
#include "text.h"
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

/* Between two looks at the receipts: a slow serial console must not slow the uploads down. */
static const int PAUSE_MS = 200;

uint64_t count_stored(const struct tally *tally) {
  return tally->counts[OSSBIND_ITEM_OUTCOME_ACKNOWLEDGED] +
         tally->counts[OSSBIND_ITEM_OUTCOME_NOT_ACKNOWLEDGED];
}

uint64_t count_lost(const struct tally *tally) {
  return tally->counts[OSSBIND_ITEM_OUTCOME_REFUSED] + tally->counts[OSSBIND_ITEM_OUTCOME_EXPIRED] +
         tally->counts[OSSBIND_ITEM_OUTCOME_DROPPED];
}

uint64_t count_damaged(const struct tally *tally, const ossbind_outbox_stats *stats) {
  return stats->corrupt > tally->damaged_before ? stats->corrupt - tally->damaged_before : 0;
}

void show_tally(FILE *out, const struct tally *tally, const ossbind_outbox_stats *stats) {
  static const char *const WORDS[OUTCOME_COUNT] = {NULL, "of them not acknowledged", "refused",
                                                   "expired", "dropped"};
  fprintf(out, "%" PRIu64 " stored", count_stored(tally));
  for (int i = OSSBIND_ITEM_OUTCOME_NOT_ACKNOWLEDGED; i < OUTCOME_COUNT; i++)
    if (tally->counts[i] > 0)
      fprintf(out, ", %" PRIu64 " %s", tally->counts[i], WORDS[i]);
  if (count_damaged(tally, stats) > 0)
    fprintf(out, ", %" PRIu64 " damaged", count_damaged(tally, stats));
  fprintf(out, ", %" PRIu64 " wait", stats->waiting);
  if (stats->held > 0)
    fprintf(out, ", %" PRIu64 " held", stats->held);
}

/* Two threads write: both hold the lock of standard error meanwhile. */
static void close_line(struct tally *tally) {
  if (tally->is_line_open)
    fputc('\n', stderr);
  tally->is_line_open = 0;
}

static void show_line(struct tally *tally) {
  ossbind_outbox_stats stats;
  ossbind_outbox_stats_init(&stats);
  if (!tally->shows_progress ||
      ossbind_outbox_get_stats(tally->outbox, &stats, NULL) != OSSBIND_STATUS_OK)
    return;
  flockfile(stderr);
  fputc('\r', stderr);
  show_tally(stderr, tally, &stats);
  fputs("  ", stderr); /* over the end of a longer one */
  tally->is_line_open = 1;
  funlockfile(stderr);
}

void show_warning(void *userdata, ossbind_log_level level, const char *message) {
  struct tally *tally = userdata;
  (void)level;
  if (tally->is_silent)
    return;
  flockfile(stderr);
  close_line(tally);
  fputs("ossbind: ", stderr);
  show_text(stderr, message);
  fputc('\n', stderr);
  funlockfile(stderr);
}

static void show_failure(struct tally *tally, const ossbind_receipt *receipt) {
  flockfile(stderr);
  close_line(tally);
  show_receipt(stderr, receipt);
  funlockfile(stderr);
}

/* One that cannot be acknowledged now is given again by the next run. */
static void acknowledge(const struct tally *tally, const ossbind_receipt *receipt) {
  ossbind_status status =
      ossbind_outbox_acknowledge(tally->outbox, ossbind_receipt_id(receipt), NULL);
  (void)status;
}

static void take(struct tally *tally, const ossbind_receipt *receipt, int counts) {
  ossbind_item_outcome outcome = ossbind_receipt_outcome(receipt);
  /* The server has heard of it, by the callback or later. */
  int is_good = outcome == OSSBIND_ITEM_OUTCOME_ACKNOWLEDGED || ossbind_receipt_told(receipt);
  if (is_good)
    outcome = OSSBIND_ITEM_OUTCOME_ACKNOWLEDGED;
  int is_known = outcome >= 0 && outcome < OUTCOME_COUNT;
  if (counts)
    tally->counts[is_known ? outcome : OSSBIND_ITEM_OUTCOME_NOT_ACKNOWLEDGED]++;
  if (counts && !is_good && !tally->is_silent)
    show_failure(tally, receipt);
  if (is_good && tally->acknowledges)
    acknowledge(tally, receipt);
}

static void take_receipts(struct tally *tally, int counts) {
  ossbind_receipt *receipt = NULL;
  while (ossbind_outbox_next_receipt(tally->outbox, &receipt, NULL) == OSSBIND_STATUS_OK &&
         receipt) {
    take(tally, receipt, counts);
    ossbind_receipt_free(receipt);
  }
}

static void *watch(void *userdata) {
  struct tally *tally = userdata;
  struct pollfd waiting[] = {{tally->end[0], POLLIN, 0},
                             {ossbind_outbox_receipt_fd(tally->outbox), POLLIN, 0}};
  while (!waiting[0].revents) {
    take_receipts(tally, 1);
    show_line(tally);
    if (poll(waiting, 1, PAUSE_MS) == 0)
      poll(waiting, 2, -1);
  }
  return NULL;
}

void begin_tally(struct tally *tally) {
  ossbind_outbox_stats stats;
  ossbind_outbox_stats_init(&stats);
  if (ossbind_outbox_get_stats(tally->outbox, &stats, NULL) == OSSBIND_STATUS_OK)
    tally->damaged_before = stats.corrupt;
  take_receipts(tally, 0); /* of earlier runs */
  if (pipe(tally->end) == 0)
    tally->is_watching = pthread_create(&tally->thread, NULL, watch, tally) == 0;
  if (!tally->is_watching)
    fputs("ossbind: nothing is shown before the end, as no thread can be started\n", stderr);
}

void end_tally(struct tally *tally) {
  if (tally->is_watching) {
    ssize_t count = write(tally->end[1], "", 1);
    (void)count; /* the pipe is empty, so it has room */
    pthread_join(tally->thread, NULL);
  }
  take_receipts(tally, 1);
  close_line(tally);
}
