/* ossbind outbox list and show: what is in the outbox. */
#include "outbox.h"
#include "outbox_receipt.h"
#include "text.h"
#include <inttypes.h>
#include <stdio.h>

static enum ended run_list(char **words);
static enum ended run_show(char **words);

const struct command outbox_list_command = {
    "outbox list", "list what is in the outbox",
    "usage: ossbind outbox list [OPTION...]\n\n"
    "Prints a line for each item: number, state, priority, size in bytes, age in seconds, and the "
    "key\n"
    "of its object, or the file of one that is damaged.\n\n" OUTBOX_HELP
    "\nExit codes: 0 listed, 1 wrong use, 3 try again later, 6 mend the settings.\n",
    run_list, NULL};

const struct command outbox_show_command = {
    "outbox show", "show all that is known of an item",
    "usage: ossbind outbox show [OPTION...] ID\n\n"
    "Prints all that is known of an item, with its receipt when it has one.\n\n" OUTBOX_HELP
    "\nExit codes: 0 shown, 1 wrong use, 3 try again later, 5 there is no such item, 6 mend the\n"
    "settings.\n",
    run_show, NULL};

static struct word state_of(const ossbind_outbox_item *item) {
  return word_of(ossbind_item_state_name(item->state), "OSSBIND_ITEM_STATE_");
}

static void write_item(struct json *json, const ossbind_outbox_item *item) {
  json_digits(json, "id", item->id);
  json_text(json, "state", ossbind_item_state_name(item->state));
  json_number(json, "priority", item->priority);
  json_number(json, "size", (int64_t)item->size);
  if (item->age_s == UINT64_MAX)
    json_raw(json, "age_s", "null");
  else
    json_number(json, "age_s", (int64_t)item->age_s);
  json_text(json, "bucket", item->bucket);
  json_text(json, "key", item->key);
  json_text(json, "caller_id", item->caller_id);
  json_text(json, "order", item->order);
  json_text(json, "file", item->file_name);
  json_text(json, "message", item->message);
}

static int32_t write_line(void *userdata, const ossbind_outbox_item *item) {
  (void)userdata;
  struct json json = {stdout, 0};
  json_open(&json, NULL, '{');
  write_item(&json, item);
  json_end(&json);
  return ferror(stdout);
}

static int32_t show_line(void *userdata, const ossbind_outbox_item *item) {
  (void)userdata;
  printf("%8" PRIu64 "  %-8s  %" PRIu32 "  %12" PRIu64 "  ", item->id, state_of(item).text,
         item->priority, item->size);
  if (item->age_s == UINT64_MAX)
    printf("%10s  ", "-");
  else
    printf("%10" PRIu64 "  ", item->age_s);
  show_text(stdout, item->key ? item->key : item->file_name);
  putchar('\n');
  return ferror(stdout);
}

static enum ended run_list(char **words) {
  struct outbox outbox = {0};
  enum ended ended;
  if (!read_outbox_words(&outbox_list_command, words, WITHOUT_ID, &outbox, NULL, &ended))
    return ended;
  if (open_outbox(&outbox, NULL)) {
    ossbind_status status = ossbind_outbox_each(outbox.opened, outbox.json ? write_line : show_line,
                                                NULL, &outbox.error);
    (void)status; /* the error says it */
  }
  return close_outbox(&outbox);
}

/* The item that is looked for, whose JSON goes on with its receipt. */
struct search {
  struct outbox outbox;
  struct json json;
  uint64_t id;
  int has_receipt;
};

static void show_item(const ossbind_outbox_item *item) {
  show_number_row(stdout, "id", item->id);
  show_row(stdout, "state", state_of(item).text);
  show_row(stdout, "bucket", item->bucket);
  show_row(stdout, "key", item->key);
  show_row(stdout, "caller id", item->caller_id);
  show_row(stdout, "order", item->order);
  show_number_row(stdout, "priority", item->priority);
  show_number_row(stdout, "size", item->size);
  if (item->age_s != UINT64_MAX)
    show_number_row(stdout, "age", item->age_s);
  show_row(stdout, "file", item->file_name);
  show_row(stdout, "message", item->message);
}

static int32_t show_found(void *userdata, const ossbind_outbox_item *item) {
  struct search *search = userdata;
  search->has_receipt = item->state == OSSBIND_ITEM_STATE_RECEIPT;
  if (search->outbox.json) {
    json_open(&search->json, NULL, '{');
    write_item(&search->json, item);
  } else {
    show_item(item);
  }
  return 0;
}

/* Nothing is shown when somebody has acknowledged it meanwhile. */
static void show_its_receipt(struct search *search) {
  ossbind_receipt *receipt = NULL;
  if (ossbind_outbox_find_receipt(search->outbox.opened, search->id, &receipt, NULL) !=
      OSSBIND_STATUS_OK)
    return;
  if (search->outbox.json)
    write_receipt(&search->json, receipt);
  else
    show_receipt_rows(stdout, receipt);
  ossbind_receipt_free(receipt);
}

static void show(struct search *search) {
  struct outbox *outbox = &search->outbox;
  if (ossbind_outbox_find_item(outbox->opened, search->id, show_found, search, &outbox->error) !=
      OSSBIND_STATUS_OK)
    return;
  if (search->has_receipt)
    show_its_receipt(search);
  if (outbox->json)
    json_end(&search->json);
}

static enum ended run_show(char **words) {
  struct search search = {.json = {stdout, 0}};
  enum ended ended;
  if (!read_outbox_words(&outbox_show_command, words, WITH_ID, &search.outbox, &search.id, &ended))
    return ended;
  if (open_outbox(&search.outbox, NULL))
    show(&search);
  return close_outbox(&search.outbox);
}
