/* ossbind outbox add: takes a file into the outbox. */
#define _POSIX_C_SOURCE 200809L
#include "object.h"
#include "outbox.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct add {
  struct outbox outbox;
  struct object object;
  const char *keep, *when_full, *caller_id, *order;
  uint64_t priority, delay_s, lifetime_s;
  int is_held, is_unmetered, overwrites;
};

static enum ended run(char **words);

const struct command outbox_add_command = {
    "outbox add", "take a file into the outbox, and print its number",
    "usage: ossbind outbox add [OPTION...] FILE KEY\n\n"
    "Keeps FILE, to be stored as the object KEY, which belongs to this content alone. When it has\n"
    "ended with 0, the file survives a power cut. It is sent by 'ossbind outbox "
    "drain'.\n\n" OUTBOX_HELP OBJECT_HELP "  --keep HOW              copy FILE, link it (it must "
    "not be written to any more), move it, or\n"
    "                          take a reference, for which FILE must stay as it is. Default: copy\n"
    "  --priority N            0 to 9, which is sent first. Default: 0\n"
    "  --id TEXT               adding the same TEXT again gives the item that is there\n"
    "  --order TEXT            items with the same TEXT are sent one after the other\n"
    "  --delay SECONDS         do not send it before\n"
    "  --lifetime SECONDS      do not send it after\n"
    "  --hold                  do not send it before 'ossbind outbox release'\n"
    "  --unmetered             'ossbind outbox drain --metered' does not send it\n"
    "  --overwrite             the object may be there, and is overwritten then\n"
    "  --max-items N           how many items may wait. Default: 100000\n"
    "  --max-bytes BYTES       how much all files may take. Default: no limit but --min-free\n"
    "  --min-free BYTES        how much of the file system stays free. Default: 67108864\n"
    "  --when-full HOW         refuse this file, or drop the oldest, the newest or the "
    "least-urgent\n"
    "                          item. Default: refuse\n\n"
    "Exit codes: 0 taken, 1 wrong use, 3 the outbox is full or busy: try again later, 5 this file "
    "or\n"
    "request is at fault, 6 mend the settings.\n",
    run, NULL};

static enum ended choose_keep(const struct add *add, ossbind_outbox_keep *keep) {
  static const struct {
    const char *word;
    ossbind_outbox_keep keep;
  } WAYS[] = {{"copy", OSSBIND_OUTBOX_KEEP_COPY},
              {"link", OSSBIND_OUTBOX_KEEP_LINK},
              {"move", OSSBIND_OUTBOX_KEEP_MOVE},
              {"reference", OSSBIND_OUTBOX_KEEP_REFERENCE}};
  if (!add->keep)
    return ENDED_WELL;
  for (size_t i = 0; i < sizeof WAYS / sizeof *WAYS; i++)
    if (strcmp(add->keep, WAYS[i].word) == 0) {
      *keep = WAYS[i].keep;
      return ENDED_WELL;
    }
  return wrong_use(&outbox_add_command,
                   "--keep is \"%s\", and must be copy, link, move or reference", add->keep);
}

static enum ended choose_when_full(struct add *add) {
  static const struct {
    const char *word;
    ossbind_outbox_when_full when_full;
  } WAYS[] = {{"refuse", OSSBIND_OUTBOX_WHEN_FULL_REFUSE},
              {"oldest", OSSBIND_OUTBOX_WHEN_FULL_DROP_OLDEST},
              {"newest", OSSBIND_OUTBOX_WHEN_FULL_DROP_NEWEST},
              {"least-urgent", OSSBIND_OUTBOX_WHEN_FULL_DROP_LEAST_URGENT}};
  if (!add->when_full)
    return ENDED_WELL;
  for (size_t i = 0; i < sizeof WAYS / sizeof *WAYS; i++)
    if (strcmp(add->when_full, WAYS[i].word) == 0) {
      add->outbox.settings.when_full = WAYS[i].when_full;
      return ENDED_WELL;
    }
  return wrong_use(&outbox_add_command,
                   "--when-full is \"%s\", and must be refuse, oldest, newest or least-urgent",
                   add->when_full);
}

static enum ended describe(const struct add *add, ossbind_outbox_options *options) {
  ossbind_outbox_options_init(options);
  options->caller_id = add->caller_id;
  options->order = add->order;
  options->priority = (uint32_t)add->priority;
  options->delay_s = (uint32_t)add->delay_s;
  options->lifetime_s = (uint32_t)add->lifetime_s;
  options->flags = (add->is_held ? OSSBIND_OUTBOX_ADD_HELD : 0u) |
                   (add->is_unmetered ? OSSBIND_OUTBOX_ADD_UNMETERED : 0u) |
                   (add->overwrites ? OSSBIND_OUTBOX_ADD_OVERWRITE : 0u);
  return choose_keep(add, &options->keep);
}

/* Returns 0 when the command has come to its end. */
static int read_words(struct add *add, char **words, ossbind_outbox_options *described,
                      enum ended *ended) {
  struct outbox_settings *settings = &add->outbox.settings;
  const struct option options[] = {
      OUTBOX_OPTIONS(&add->outbox),
      OBJECT_OPTIONS(&add->object),
      {.name = "--keep", .text = &add->keep},
      {.name = "--priority", .number = &add->priority, .most = 9},
      {.name = "--id", .text = &add->caller_id},
      {.name = "--order", .text = &add->order},
      {.name = "--delay", .number = &add->delay_s, .most = UINT32_MAX},
      {.name = "--lifetime", .number = &add->lifetime_s, .least = 1, .most = UINT32_MAX},
      {.name = "--hold", .flag = &add->is_held},
      {.name = "--unmetered", .flag = &add->is_unmetered},
      {.name = "--overwrite", .flag = &add->overwrites},
      {.name = "--max-items", .number = &settings->max_items, .least = 1, .most = INT64_MAX},
      {.name = "--max-bytes", .number = &settings->max_bytes, .least = 1, .most = INT64_MAX},
      {.name = "--min-free", .number = &settings->min_free_bytes, .least = 1, .most = INT64_MAX},
      {.name = "--when-full", .text = &add->when_full},
      {.name = NULL}};
  struct arguments arguments;
  if (!read_options(&outbox_add_command, options, words, &arguments)) {
    *ended = arguments.ended;
    return 0;
  }
  *ended = complete_object(&outbox_add_command, &arguments, &add->object);
  if (*ended == ENDED_WELL && is_standard_input(&add->object))
    *ended = wrong_use(&outbox_add_command, "outbox add takes a file, and not standard input");
  if (*ended == ENDED_WELL)
    *ended = describe(add, described);
  if (*ended == ENDED_WELL)
    *ended = choose_when_full(add);
  if (*ended == ENDED_WELL)
    *ended = find_outbox(&outbox_add_command, IS_MADE, &add->outbox);
  return *ended == ENDED_WELL;
}

static void report(const struct outbox *outbox, uint64_t id) {
  struct json json = {stdout, 0};
  if (!outbox->json) {
    printf("%" PRIu64 "\n", id);
    return;
  }
  json_open(&json, NULL, '{');
  json_digits(&json, "id", id);
  write_end(&json, NULL);
  json_end(&json);
}

static enum ended run(char **words) {
  struct add add = {0};
  ossbind_outbox_options options;
  enum ended ended;
  if (!read_words(&add, words, &options, &ended))
    return ended;

  struct outbox *outbox = &add.outbox;
  ossbind_callback callback;
  ossbind_upload_request request;
  uint64_t id = 0;
  describe_object(&add.object, &request, &callback);
  if (open_outbox(outbox, NULL) && ossbind_outbox_add(outbox->opened, &request, &options, &id,
                                                      &outbox->error) == OSSBIND_STATUS_OK)
    report(outbox, id);
  return close_outbox(outbox);
}
