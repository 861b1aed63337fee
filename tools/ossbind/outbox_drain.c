/* ossbind outbox drain: sends what waits. */
#define _POSIX_C_SOURCE 200809L
#include "client.h"
#include "outbox.h"
#include "outbox_tally.h"
#include "outcome.h"
#include "stop.h"
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct drain {
  struct outbox outbox;
  struct tally tally;
  const char *ca;
  uint64_t timeout_s;
  int follow, is_metered;
};

static enum ended run(char **words);

const struct command outbox_drain_command = {
    "outbox drain", "send what waits",
    "usage: ossbind outbox drain [OPTION...]\n\n"
    "Sends until nothing waits any more, and says how much was stored, was refused, and still "
    "waits.\n"
    "Items that are held do not count. One process at a time sends from an outbox; others may add\n"
    "meanwhile.\n\n" OUTBOX_HELP "  --timeout SECONDS       end then, whatever still waits\n"
    "  --follow                do not end before SIGTERM or Ctrl-C, which end it with 0\n"
    "  --acknowledge           acknowledge the receipts of what was stored and called back, so "
    "that\n"
    "                          'ossbind outbox receipts' has the others only\n"
    "  --tell URL              whom to tell of what is stored when its callback has failed, "
    "instead of\n"
    "                          OSSBIND_TELL_URL; '' for nobody. The key is in OSSBIND_TELL_KEY\n"
    "  --metered               the network costs: what was added with --unmetered waits\n"
    "  --ca FILE               PEM file of the certificate authorities to trust\n\n"
    "Exit codes: 0 all was stored, and acknowledged, 1 wrong use, 2 all was stored, but not all "
    "was\n"
    "acknowledged, 3 something still waits, or somebody else sends, 5 something was refused, was\n"
    "dropped or has expired, 6 mend the settings.\n",
    run, NULL};

/* The key is nothing for a command line, which others can see. */
static enum ended find_teller(struct outbox_settings *settings) {
  if (!settings->tell_url)
    settings->tell_url = getenv("OSSBIND_TELL_URL");
  if (!settings->tell_url || !*settings->tell_url) {
    settings->tell_url = NULL;
    return ENDED_WELL;
  }
  settings->tell_key = getenv("OSSBIND_TELL_KEY");
  if (settings->tell_key)
    return ENDED_WELL;
  return wrong_use(
      &outbox_drain_command,
      "there is no key for --tell: set OSSBIND_TELL_KEY to 16 bytes or more, which the "
      "server knows as well");
}

/* Returns 0 when the command has come to its end. */
static int read_words(struct drain *drain, char **words, enum ended *ended) {
  const struct option options[] = {
      OUTBOX_OPTIONS(&drain->outbox),
      {.name = "--timeout", .number = &drain->timeout_s, .least = 1, .most = 4000000},
      {.name = "--follow", .flag = &drain->follow},
      {.name = "--acknowledge", .flag = &drain->tally.acknowledges},
      {.name = "--tell", .text = &drain->outbox.settings.tell_url},
      {.name = "--metered", .flag = &drain->is_metered},
      {.name = "--ca", .text = &drain->ca},
      {.name = NULL}};
  struct arguments arguments;
  int is_read = read_options(&outbox_drain_command, options, words, &arguments);
  *ended = is_read ? refuse_arguments(&outbox_drain_command, &arguments) : arguments.ended;
  if (is_read && *ended == ENDED_WELL && drain->follow && drain->timeout_s > 0)
    *ended = wrong_use(&outbox_drain_command, "--follow has no end, and so no --timeout");
  if (is_read && *ended == ENDED_WELL)
    *ended = find_teller(&drain->outbox.settings);
  if (is_read && *ended == ENDED_WELL)
    *ended = find_outbox(&outbox_drain_command, IS_MADE, &drain->outbox);
  return is_read && *ended == ENDED_WELL;
}

/* A signal is a proper end, and no failure. */
static void forget_signal(struct outbox *outbox) {
  if (ossbind_error_status(outbox->error) != OSSBIND_STATUS_CANCELLED)
    return;
  ossbind_error_free(outbox->error);
  outbox->error = NULL;
}

static ossbind_status send_until_the_end(const struct drain *drain, ossbind_error **error) {
  const ossbind_outbox *opened = drain->outbox.opened;
  uint32_t flags = drain->follow ? 0 : OSSBIND_OUTBOX_RUN_UNTIL_EMPTY;
  uint32_t timeout_ms = (uint32_t)(drain->timeout_s * 1000);
  ossbind_status status = ossbind_outbox_set_network(opened, 1, drain->is_metered, error);
  if (status != OSSBIND_STATUS_OK)
    return status;
  return ossbind_outbox_run(opened, flags, timeout_ms, stop_on_signals(), error);
}

static void send_items(struct drain *drain) {
  struct outbox *outbox = &drain->outbox;
  struct tally *tally = &drain->tally;
  tally->outbox = outbox->opened;
  tally->shows_progress = !outbox->json && isatty(STDERR_FILENO);
  begin_tally(tally);
  ossbind_status status = send_until_the_end(drain, &outbox->error);
  (void)status; /* the error says it */
  end_tally(tally);
  forget_signal(outbox);
}

static enum ended ended_by_tally(const struct drain *drain, const ossbind_outbox_stats *stats) {
  if (drain->follow)
    return ENDED_WELL;
  if (stats->waiting > 0)
    return ENDED_TRY_AGAIN;
  if (count_lost(&drain->tally) > 0 || count_damaged(&drain->tally, stats) > 0)
    return ENDED_BY_REQUEST;
  return drain->tally.counts[OSSBIND_ITEM_OUTCOME_NOT_ACKNOWLEDGED] > 0 ? ENDED_NOT_ACKNOWLEDGED
                                                                        : ENDED_WELL;
}

/* Why something waits, for a program that gets no warnings. */
struct reason {
  struct json *json;
  int is_written;
};

/* The first that was tried, and failed, stands for all. */
static int32_t write_reason(void *userdata, const ossbind_outbox_item *item) {
  struct reason *reason = userdata;
  int waits =
      item->state == OSSBIND_ITEM_STATE_WAITING || item->state == OSSBIND_ITEM_STATE_SENDING;
  if (!waits || !item->message)
    return 0;
  json_text(reason->json, "reason", item->message);
  reason->is_written = 1;
  return 1;
}

static void write_tally(const struct drain *drain, const ossbind_outbox_stats *stats) {
  const uint64_t *counts = drain->tally.counts;
  struct json json = {stdout, 0};
  struct reason reason = {&json, 0};
  json_open(&json, NULL, '{');
  json_number(&json, "stored", (int64_t)count_stored(&drain->tally));
  json_number(&json, "not_acknowledged", (int64_t)counts[OSSBIND_ITEM_OUTCOME_NOT_ACKNOWLEDGED]);
  json_number(&json, "refused", (int64_t)counts[OSSBIND_ITEM_OUTCOME_REFUSED]);
  json_number(&json, "expired", (int64_t)counts[OSSBIND_ITEM_OUTCOME_EXPIRED]);
  json_number(&json, "dropped", (int64_t)counts[OSSBIND_ITEM_OUTCOME_DROPPED]);
  json_number(&json, "damaged", (int64_t)count_damaged(&drain->tally, stats));
  json_number(&json, "waiting", (int64_t)stats->waiting);
  json_number(&json, "held", (int64_t)stats->held);
  ossbind_status status = ossbind_outbox_each(drain->outbox.opened, write_reason, &reason, NULL);
  (void)status; /* then it is not known */
  if (!reason.is_written)
    json_raw(&json, "reason", "null");
  json_end(&json);
}

/* What was sent counts also when sending has failed in the end. */
static enum ended report(const struct drain *drain) {
  const struct outbox *outbox = &drain->outbox;
  ossbind_outbox_stats stats;
  ossbind_outbox_stats_init(&stats);
  if (ossbind_outbox_get_stats(outbox->opened, &stats, NULL) != OSSBIND_STATUS_OK)
    return ENDED_TRY_AGAIN;
  if (outbox->json) {
    write_tally(drain, &stats);
  } else {
    show_tally(stdout, &drain->tally, &stats);
    putchar('\n');
  }
  return ended_by_tally(drain, &stats);
}

static enum ended run(char **words) {
  struct drain drain = {0};
  struct outbox *outbox = &drain.outbox;
  ossbind_client *client = NULL;
  enum ended ended;
  if (!read_words(&drain, words, &ended))
    return ended;
  drain.tally.is_silent = outbox->json;
  ossbind_status status = new_client(drain.ca, show_warning, &drain.tally, &client, &outbox->error);
  if (status == OSSBIND_STATUS_OK && open_outbox(outbox, client)) {
    send_items(&drain);
    ended = report(&drain);
  }
  enum ended failed = close_outbox(outbox);
  ossbind_client_free(client);
  return failed == ENDED_WELL ? ended : failed;
}
