#define _POSIX_C_SOURCE 200809L
#include "outbox_tally.h"
#include "outbox_receipt.h"
#include "text.h"
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Between two looks at the receipts: a slow serial console must not slow the uploads down. */
static const int PAUSE_MS = 200;

/* After so long without a receipt, and then twice as long, it is looked why. */
static const int FIRST_LOOK_MS = 1000, LONGEST_LOOK_MS = 64000;

uint64_t count_stored(const struct tally *tally) {
  return tally->counts[OSSBIND_OUTCOME_ACKNOWLEDGED] +
         tally->counts[OSSBIND_OUTCOME_NOT_ACKNOWLEDGED];
}

uint64_t count_lost(const struct tally *tally) {
  return tally->counts[OSSBIND_OUTCOME_REFUSED] + tally->counts[OSSBIND_OUTCOME_EXPIRED] +
         tally->counts[OSSBIND_OUTCOME_DROPPED];
}

void show_tally(FILE *out, const struct tally *tally, const ossbind_outbox_stats *stats) {
  static const char *const WORDS[OUTCOME_COUNT] = {NULL, "of them not acknowledged", "refused",
                                                   "expired", "dropped"};
  fprintf(out, "%" PRIu64 " stored", count_stored(tally));
  for (int i = OSSBIND_OUTCOME_NOT_ACKNOWLEDGED; i < OUTCOME_COUNT; i++)
    if (tally->counts[i] > 0)
      fprintf(out, ", %" PRIu64 " %s", tally->counts[i], WORDS[i]);
  fprintf(out, ", %" PRIu64 " wait", stats->waiting);
  if (stats->held > 0)
    fprintf(out, ", %" PRIu64 " held", stats->held);
}

static void close_line(struct tally *tally) {
  if (tally->is_line_open)
    fputc('\n', stderr);
  tally->is_line_open = 0;
}

static void show_line(struct tally *tally) {
  ossbind_outbox_stats stats = {0};
  if (!tally->shows_progress ||
      ossbind_outbox_get_stats(tally->outbox, &stats, sizeof stats, NULL) != OSSBIND_STATUS_OK)
    return;
  fputc('\r', stderr);
  show_tally(stderr, tally, &stats);
  fputs("  ", stderr); /* over the end of a longer one */
  tally->is_line_open = 1;
}

/* One that cannot be acknowledged now is given again by the next run. */
static void acknowledge(const struct tally *tally, const ossbind_receipt *receipt) {
  ossbind_status status =
      ossbind_outbox_acknowledge(tally->outbox, ossbind_receipt_id(receipt), NULL);
  (void)status;
}

static void take(struct tally *tally, const ossbind_receipt *receipt, int counts) {
  ossbind_outcome outcome = ossbind_receipt_outcome(receipt);
  int is_good = outcome == OSSBIND_OUTCOME_ACKNOWLEDGED;
  int is_known = outcome >= 0 && outcome < OUTCOME_COUNT;
  if (counts)
    tally->counts[is_known ? outcome : OSSBIND_OUTCOME_REFUSED]++;
  if (counts && !is_good && !tally->is_silent) {
    close_line(tally);
    show_receipt(stderr, receipt);
  }
  if (is_good && tally->acknowledges)
    acknowledge(tally, receipt);
}

/* Returns whether there were any. */
static int take_receipts(struct tally *tally, int counts) {
  ossbind_receipt *receipt = NULL;
  int any = 0;
  while (ossbind_outbox_next_receipt(tally->outbox, &receipt, NULL) == OSSBIND_STATUS_OK &&
         receipt) {
    take(tally, receipt, counts);
    ossbind_receipt_free(receipt);
    any = 1;
  }
  return any;
}

/* The first one that has a reason stands for all. */
static int32_t keep_reason(void *userdata, const ossbind_outbox_item *item) {
  struct tally *tally = userdata;
  int waits =
      item->state == OSSBIND_ITEM_STATE_WAITING || item->state == OSSBIND_ITEM_STATE_SENDING;
  if (!waits || !item->message)
    return 0;
  snprintf(tally->reason, sizeof tally->reason, "%" PRIu64 " waits: %s", item->id, item->message);
  return 1;
}

/* Nobody looks at a list on a board that nobody visits: a reason is said once. */
static void look_for_reason(struct tally *tally) {
  char before[sizeof tally->reason];
  memcpy(before, tally->reason, sizeof before);
  tally->reason[0] = '\0';
  ossbind_status status = ossbind_outbox_each(tally->outbox, keep_reason, tally, NULL);
  int is_new = tally->reason[0] && strcmp(before, tally->reason) != 0;
  if (status != OSSBIND_STATUS_OK || tally->is_silent || !is_new)
    return;
  close_line(tally);
  fputs("ossbind: ", stderr);
  show_text(stderr, tally->reason);
  fputc('\n', stderr);
}

static void *watch(void *userdata) {
  struct tally *tally = userdata;
  struct pollfd waiting[] = {{tally->end[0], POLLIN, 0},
                             {ossbind_outbox_receipt_fd(tally->outbox), POLLIN, 0}};
  int look_ms = FIRST_LOOK_MS;
  while (!waiting[0].revents) {
    if (take_receipts(tally, 1))
      look_ms = FIRST_LOOK_MS;
    show_line(tally);
    if (poll(waiting, 1, PAUSE_MS) == 0 && poll(waiting, 2, look_ms) == 0) {
      look_for_reason(tally);
      look_ms = look_ms < LONGEST_LOOK_MS ? look_ms * 2 : look_ms;
    }
  }
  return NULL;
}

void begin_tally(struct tally *tally) {
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
  look_for_reason(tally);
  close_line(tally);
}
