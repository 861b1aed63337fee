/* The power of a board with an outbox is cut. This says what it was promised, and what it begins to undo, and goes
 * on when that is written down.
 *
 *   outbox_power_cut play RUN      adds, sends and takes receipts in all manners
 *   outbox_power_cut recover RUN   looks what is left after the power cut, and brings all of it to an end
 *
 * In the current folder are outbox/ and files/. An item is named "RUN-WHAT-SIZE", and its content is its name,
 * repeated up to that size. */
#define _POSIX_C_SOURCE 200809L
#include <ossbind.h>
#include <inttypes.h>
#include <stdarg.h>
#include "check.h"

/* Instead of a way in which a file is kept. */
enum { MEMORY = 100 };
enum { PART_SIZE = 100 * 1024, PATIENCE_MS = 60000 };

typedef struct {
  char text[64];
} name;

static const char *run;
static ossbind_client *client;
static ossbind_outbox *outbox;
static ossbind_error *error;

static name name_of(const char *what) {
  name made;
  snprintf(made.text, sizeof made.text, "%s-%s", run, what);
  return made;
}

/* Says something to whoever cuts the power, who answers when it is written down. */
static void say(const char *format, ...) {
  va_list values;
  va_start(values, format);
  vprintf(format, values);
  va_end(values);
  putchar('\n');
  fflush(stdout);
  CHECK(getchar() == '\n');
}

static void succeed(ossbind_status status) {
  if (status != OSSBIND_STATUS_OK) {
    fprintf(stderr, "%s\n", ossbind_error_message(error));
    exit(1);
  }
}

static void open_outbox(uint64_t max_items, uint64_t max_bytes) {
  ossbind_outbox_config config;
  ossbind_outbox_config_init(&config);
  config.folder = "outbox";
  config.client = client;
  config.when_full = OSSBIND_OUTBOX_WHEN_FULL_DROP_OLDEST;
  config.max_items = max_items;
  config.max_bytes = max_bytes;
  config.min_free_bytes = 1;
  config.min_free_inodes = 1;
  config.retry_min_ms = 1;
  config.retry_max_ms = 1;
  succeed(ossbind_outbox_open(&config, &outbox, &error));
}

static const uint8_t *content_of(const char *text, size_t size) {
  static uint8_t content[4096];
  CHECK(size <= sizeof content);
  for (size_t at = 0; at < size; at++)
    content[at] = (uint8_t)text[at % strlen(text)];
  return content;
}

static ossbind_status try_to_add(const char *what, ossbind_outbox_keep keep, uint32_t flags,
                                 uint64_t *id) {
  ossbind_callback callback;
  ossbind_callback_init(&callback);
  callback.url = getenv("OSS_CALLBACK_URL");
  callback.body = "object=${object}";
  name item = name_of(what), taken = name_of("inline-300");
  char path[80];
  snprintf(path, sizeof path, "files/%s", item.text);
  size_t size = (size_t)strtoul(strrchr(item.text, '-') + 1, NULL, 10);

  ossbind_upload_request request;
  ossbind_upload_request_init(&request);
  request.bucket = getenv("OSS_BUCKET");
  request.key = strncmp(what, "refused", 7) == 0 ? taken.text : item.text;
  request.callback = &callback;
  request.multipart_threshold = PART_SIZE;
  request.part_size = PART_SIZE;
  request.parallel = 1;
  request.body = keep == MEMORY ? OSSBIND_BODY_KIND_MEMORY : OSSBIND_BODY_KIND_FILE;
  if (keep == MEMORY) {
    request.data = content_of(item.text, size);
    request.data_len = size;
  } else {
    request.file_path = path;
  }

  ossbind_outbox_options options;
  ossbind_outbox_options_init(&options);
  options.keep = keep == MEMORY ? OSSBIND_OUTBOX_KEEP_COPY : keep;
  options.flags = flags;
  options.caller_id = item.text;
  options.priority = keep == OSSBIND_OUTBOX_KEEP_COPY ? 5 : 0;
  return ossbind_outbox_add(outbox, &request, &options, id, &error);
}

static void say_added(const char *what, uint64_t id) {
  say("added %s %" PRIu64, name_of(what).text, id);
}

static uint64_t add(const char *what, ossbind_outbox_keep keep, uint32_t flags) {
  uint64_t id;
  succeed(try_to_add(what, keep, flags, &id));
  if (!(flags & OSSBIND_OUTBOX_ADD_LATER))
    say_added(what, id);
  if (flags & OSSBIND_OUTBOX_ADD_HELD)
    say("held %s", name_of(what).text);
  return id;
}

static void send(void) {
  succeed(ossbind_outbox_run(outbox, OSSBIND_OUTBOX_RUN_UNTIL_EMPTY, PATIENCE_MS, NULL, &error));
}

static void take_receipts(void) {
  for (;;) {
    ossbind_receipt *receipt;
    succeed(ossbind_outbox_next_receipt(outbox, &receipt, &error));
    if (!receipt)
      return;
    const char *item = ossbind_receipt_caller_id(receipt);
    uint64_t id = ossbind_receipt_id(receipt);
    say("receipt %s %" PRIu64 " %s", item, id,
        ossbind_item_outcome_name(ossbind_receipt_outcome(receipt)));
    say("acknowledging %s", item);
    succeed(ossbind_outbox_acknowledge(outbox, id, &error));
    ossbind_receipt_free(receipt);
  }
}

static void add_in_all_manners(void) {
  add("inline-300", MEMORY, 0);
  add("copied-5000", OSSBIND_OUTBOX_KEEP_COPY, 0);
  add("moved-6000", OSSBIND_OUTBOX_KEEP_MOVE, 0);
  uint64_t held = add("held-3000", MEMORY, OSSBIND_OUTBOX_ADD_HELD);
  uint64_t later = add("later-400", MEMORY, OSSBIND_OUTBOX_ADD_LATER);
  uint64_t moved = add("later-moved-7000", OSSBIND_OUTBOX_KEEP_MOVE, OSSBIND_OUTBOX_ADD_LATER);
  succeed(ossbind_outbox_commit(outbox, &error));
  say_added("later-400", later);
  say_added("later-moved-7000", moved);
  succeed(ossbind_outbox_hold(outbox, later, &error));
  say("held %s", name_of("later-400").text);
  send();
  take_receipts();
  say("releasing %s", name_of("held-3000").text);
  succeed(ossbind_outbox_release(outbox, held, &error));
  say("releasing %s", name_of("later-400").text);
  succeed(ossbind_outbox_release(outbox, later, &error));
}

static void have_all_outcomes(void) {
  add("unheard-310", OSSBIND_OUTBOX_KEEP_REFERENCE, 0); /* its callback fails */
  add("overwriting-320", MEMORY, OSSBIND_OUTBOX_ADD_OVERWRITE);
  add("parts-250000", OSSBIND_OUTBOX_KEEP_MOVE, 0);
  uint64_t refused = add("refused-3300", MEMORY, 0); /* its key has another content */
  send();
  take_receipts();
  say("retrying %s", name_of("refused-3300").text);
  succeed(ossbind_outbox_retry_now(outbox, refused, &error));
  say("retried %s", name_of("refused-3300").text);
  send();
  take_receipts();
}

static void reach_limits(void) {
  ossbind_outbox_free(outbox);
  open_outbox(2, 60000);
  add("old-5000", OSSBIND_OUTBOX_KEEP_LINK, 0);
  uint64_t removed = add("removed-3400", MEMORY, 0);
  uint64_t id;
  CHECK(try_to_add("toolarge-70000", OSSBIND_OUTBOX_KEEP_MOVE, 0, &id) ==
        OSSBIND_STATUS_OUTBOX_FULL);
  ossbind_error_free(error);
  /* What is dead makes room, and then what is old. */
  say("dropping %s", name_of("refused-3300").text);
  say("dropping %s", name_of("old-5000").text);
  add("new-350", MEMORY, 0);
  say("removing %s", name_of("removed-3400").text);
  succeed(ossbind_outbox_remove(outbox, removed, &error));
  send();
  take_receipts();
}

/* Says what there is, and lets nothing be held or dead. */
static int32_t show(void *is_told, const ossbind_outbox_item *item) {
  if (is_told)
    say("item %s %" PRIu64 " %s", item->caller_id ? item->caller_id : item->file_name, item->id,
        ossbind_item_state_name(item->state));
  if (item->state == OSSBIND_ITEM_STATE_HELD)
    succeed(ossbind_outbox_release(outbox, item->id, &error));
  if (item->state == OSSBIND_ITEM_STATE_DEAD)
    succeed(ossbind_outbox_remove(outbox, item->id, &error));
  return 0;
}

static void recover(void) {
  open_outbox(0, 0);
  succeed(ossbind_outbox_each(outbox, show, &client, &error));
  add("after-360", MEMORY, 0);
  send();
  take_receipts();
  succeed(ossbind_outbox_each(outbox, show, NULL, &error));
  ossbind_outbox_stats left;
  ossbind_outbox_stats_init(&left);
  succeed(ossbind_outbox_get_stats(outbox, &left, &error));
  say("left %" PRIu64, left.waiting + left.held + left.receipts + left.dead + left.corrupt);
}

int main(int argc, char **argv) {
  CHECK(argc == 3);
  run = argv[2];
  succeed(ossbind_client_new(NULL, &client, &error));
  if (strcmp(argv[1], "recover") == 0) {
    recover();
  } else {
    open_outbox(0, 0);
    add_in_all_manners();
    have_all_outcomes();
    reach_limits();
  }
  ossbind_outbox_free(outbox);
  ossbind_client_free(client);
  return 0;
}
