/* Outboxes: each call has one of its own, in a folder that it removes. */
#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include "machine.h"

static ossbind_client *own_client(void) {
  ossbind_client_config config;
  ossbind_client_config_init(&config);
  config.endpoint = places.endpoint;
  config.region = "cn-hangzhou";
  config.access_key_id = places.key_id;
  config.access_key_secret = places.key_secret;
  config.security_token = places.token;
  ossbind_client *client = NULL;
  EXPECT(ossbind_client_new(&config, &client, NULL) == OSSBIND_STATUS_OK);
  return client;
}

static void remove_folder(const char *path) {
  DIR *folder = opendir(path);
  for (struct dirent *entry; folder && (entry = readdir(folder));) {
    if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
      continue;
    char inner[600];
    snprintf(inner, sizeof inner, "%s/%s", path, entry->d_name);
    if (unlink(inner) != 0)
      remove_folder(inner);
  }
  if (folder)
    closedir(folder);
  rmdir(path);
}

static int32_t look_at_item(void *userdata, const ossbind_outbox_item *item) {
  EXPECT(item->id > 0 && item->priority <= 9 && *item->file_name);
  EXPECT(strncmp(CALL(ossbind_item_state_name)(item->state), "OSSBIND_", 8) == 0);
  check_text_of_peer(item->message);
  ++*(uint64_t *)userdata;
  return 0;
}

static void read_receipt(const ossbind_receipt *receipt) {
  const ossbind_item_outcome outcome = CALL(ossbind_receipt_outcome)(receipt);
  EXPECT(strncmp(CALL(ossbind_item_outcome_name)(outcome), "OSSBIND_", 8) == 0);
  CALL(ossbind_receipt_status)(receipt);
  check_text_of_peer(CALL(ossbind_receipt_message)(receipt));
  check_text_of_peer(CALL(ossbind_receipt_etag)(receipt));
  check_text_of_peer(CALL(ossbind_receipt_version_id)(receipt));
  check_text_of_peer(CALL(ossbind_receipt_request_id)(receipt));
  CALL(ossbind_receipt_caller_id)(receipt);
  CALL(ossbind_receipt_bucket)(receipt);
  CALL(ossbind_receipt_key)(receipt);
  CALL(ossbind_receipt_content_type)(receipt);
  CALL(ossbind_receipt_size)(receipt);
  uint64_t crc64 = 0;
  CALL(ossbind_receipt_crc64)(receipt, &crc64);
  CALL(ossbind_receipt_http_status)(receipt);
  CALL(ossbind_receipt_attempts)(receipt);
  CALL(ossbind_receipt_told)(receipt);
  CALL(ossbind_receipt_ended_unix_s)(receipt);
  size_t len = 1;
  const uint8_t *answer = CALL(ossbind_receipt_callback_answer)(receipt, &len);
  EXPECT(!answer == (len == 0));
  const char *name, *value;
  CALL(ossbind_receipt_variable_at)(receipt, 0, &name, &value);
  EXPECT(!name == !value);
}

/* Looks at the same item and receipt as the others, by its number. */
static void find(const ossbind_outbox *outbox, uint64_t id) {
  uint64_t found = 0;
  ossbind_receipt *receipt = POISON;
  ossbind_status status = CALL(ossbind_outbox_find_item)(outbox, id, look_at_item, &found, NULL);
  EXPECT(found == (status == OSSBIND_STATUS_OK));
  status = CALL(ossbind_outbox_find_receipt)(outbox, id, &receipt, NULL);
  EXPECT(!receipt == (status != OSSBIND_STATUS_OK));
  if (receipt)
    read_receipt(receipt);
  CALL(ossbind_receipt_free)(receipt);
}

static void take_receipts(const ossbind_outbox *outbox) {
  for (;;) {
    ossbind_receipt *receipt = POISON;
    if (CALL(ossbind_outbox_next_receipt)(outbox, &receipt, NULL) != OSSBIND_STATUS_OK || !receipt)
      return;
    read_receipt(receipt);
    const uint64_t id = CALL(ossbind_receipt_id)(receipt);
    find(outbox, id);
    EXPECT(CALL(ossbind_outbox_acknowledge)(outbox, id, NULL) == OSSBIND_STATUS_OK);
    CALL(ossbind_receipt_free)(receipt);
  }
}

/* Whatever is added and whatever status comes: an item is added or an error says why not. */
static void add_items(struct call *call, const ossbind_outbox *outbox) {
  ossbind_outbox_options options;
  ossbind_outbox_options_init(&options);
  options.priority = (uint32_t)roll(call, 11);
  options.flags = any_flags(call, 15);
  options.keep = (ossbind_outbox_keep)roll(call, 5);
  options.caller_id = one_in(call, 2) ? "item" : NULL;
  options.max_attempts = 2;
  for (int i = 0; i < 3; i++) {
    ossbind_error *error = NULL;
    uint64_t id = 0;
    const ossbind_upload_request *request = any_upload(call);
    const ossbind_outbox_options *how = one_in(call, 3) ? NULL : &options;
    const ossbind_status status = CALL(ossbind_outbox_add)(outbox, request, how, &id, &error);
    EXPECT((status == OSSBIND_STATUS_OK) == (id > 0) && !error == (id > 0));
    read_error(call, error);
    CALL(ossbind_error_free)(error);
  }
}

/* Whether it succeeds depends on what the dice have added. */
static void note(ossbind_status status) {
  EXPECT(strncmp(ossbind_status_name(status), "OSSBIND_", 8) == 0);
}

static void use(struct call *call, const ossbind_outbox *outbox) {
  add_items(call, outbox);
  note(CALL(ossbind_outbox_commit)(outbox, NULL));
  const uint64_t id = roll(call, 4);
  note(CALL(ossbind_outbox_hold)(outbox, id, NULL));
  find(outbox, id);
  note(CALL(ossbind_outbox_set_network)(outbox, one_in(call, 2), one_in(call, 2), NULL));
  note(CALL(ossbind_outbox_run)(outbox, any_flags(call, 3), 50, NULL, NULL));
  note(CALL(ossbind_outbox_release)(outbox, id, NULL));
  note(CALL(ossbind_outbox_retry_now)(outbox, id, NULL));
  note(CALL(ossbind_outbox_renew)(outbox, id, one_in(call, 2) ? "{}" : NULL, NULL));
  note(CALL(ossbind_outbox_start)(outbox, (uint32_t)roll(call, 3), NULL));
  take_receipts(outbox);
  CALL(ossbind_outbox_stop)(outbox);
  EXPECT(CALL(ossbind_outbox_receipt_fd)(outbox) >= 0);
  uint64_t listed = 0;
  EXPECT(CALL(ossbind_outbox_each)(outbox, look_at_item, &listed, NULL) == OSSBIND_STATUS_OK);
  ossbind_outbox_stats stats;
  ossbind_outbox_stats_init(&stats);
  EXPECT(CALL(ossbind_outbox_get_stats)(outbox, &stats, NULL) == OSSBIND_STATUS_OK);
  EXPECT(listed == stats.waiting + stats.held + stats.receipts + stats.dead + stats.corrupt);
  note(CALL(ossbind_outbox_remove)(outbox, id, NULL));
}

void use_outbox(struct call *call) {
  char folder[] = "outbox-XXXXXX";
  EXPECT(mkdtemp(folder));
  ossbind_client *client = one_in(call, 4) ? NULL : own_client();
  ossbind_outbox_config config;
  ossbind_outbox_config_init(&config);
  config.folder = folder;
  config.client = client;
  config.max_items = roll(call, 4);
  config.min_free_bytes = 1;
  config.when_full = (ossbind_outbox_when_full)roll(call, 5);
  config.retry_min_ms = 1;
  config.retry_max_ms = 10;
  config.tell_max_age_s = (uint32_t)roll(call, 3);
  config.tell_url = one_in(call, 4) ? places.callback_url : NULL;
  config.tell_key = config.tell_url ? (const uint8_t *)"a key of sixteen" : NULL;
  config.tell_key_len = config.tell_url ? 16 : 0;
  ossbind_outbox *outbox = POISON;
  ossbind_error *error = NULL;
  const ossbind_status status = CALL(ossbind_outbox_open)(&config, &outbox, &error);
  EXPECT((status == OSSBIND_STATUS_OK) == !error && !outbox == (status != OSSBIND_STATUS_OK));
  read_error(call, error);
  ossbind_error_free(error);
  ossbind_client_free(client);
  if (outbox)
    use(call, outbox);
  CALL(ossbind_outbox_free)(outbox);
  remove_folder(folder);
}

void use_no_outbox(void) {
  read_receipt(NULL);
  EXPECT(CALL(ossbind_receipt_id)(NULL) == 0);
  CALL(ossbind_receipt_free)(NULL);
  CALL(ossbind_outbox_free)(NULL);
  CALL(ossbind_outbox_stop)(NULL);
  EXPECT(CALL(ossbind_outbox_receipt_fd)(NULL) == -1);
  EXPECT(CALL(ossbind_outbox_commit)(NULL, NULL) == OSSBIND_STATUS_INVALID_ARGUMENT);
}
