/* The words that say what is uploaded: of 'ossbind put', and of 'ossbind outbox add'. */
#ifndef OSSBIND_COMMAND_OBJECT_H
#define OSSBIND_COMMAND_OBJECT_H

#include "options.h"
#include <ossbind.h>

struct object {
  const char *file, *key;
  const char *bucket, *callback, *callback_body;
  const char *content_type, *storage_class;
  struct pairs variables, metadata;
  uint64_t part_size;
  int callback_json;
};

/* The options of an object, and what the help says of them. */
#define OBJECT_OPTIONS(object)                                                                 \
  {.name = "--bucket", .text = &(object)->bucket},                                             \
      {.name = "--callback", .text = &(object)->callback},                                     \
      {.name = "--callback-body", .text = &(object)->callback_body},                           \
      {.name = "--callback-json", .flag = &(object)->callback_json},                           \
      {.name = "--var", .pairs = &(object)->variables},                                        \
      {.name = "--content-type", .text = &(object)->content_type},                             \
      {.name = "--meta", .pairs = &(object)->metadata},                                        \
      {.name = "--storage-class", .text = &(object)->storage_class}, {                         \
    .name = "--part-size", .number = &(object)->part_size, .least = 102400, .most = 5368709120 \
  }

#define OBJECT_HELP                                                                              \
  "  --bucket BUCKET         instead of OSS_BUCKET\n"                                            \
  "  --callback URL          whom OSS tells, instead of OSS_CALLBACK_URL; '' for nobody\n"       \
  "  --callback-body TEXT    what it is told, such as 'object=${object}&id=${x:id}'\n"           \
  "  --callback-json         that is JSON: '{\"object\":${object},\"id\":${x:id}}'\n"            \
  "  --var x:NAME=VALUE      a variable for that, which stands there as ${x:NAME}; repeatable\n" \
  "  --content-type TYPE     instead of that of the ending of KEY\n"                             \
  "  --meta NAME=VALUE       metadata of the object; repeatable\n"                               \
  "  --storage-class CLASS   Standard, IA, Archive, ColdArchive or DeepColdArchive\n"            \
  "  --part-size BYTES       size of a part; what is larger goes in parts (102400 or more)\n"

/* Takes FILE and KEY, and from the environment what the options leave out. Says what is wrong. */
enum ended complete_object(const struct command *command, const struct arguments *arguments,
                           struct object *object);

int has_callback(const struct object *object);
int is_standard_input(const struct object *object);

/* Both are filled; the request points to the callback if there is one, and to the object. */
void describe_object(const struct object *object, ossbind_upload_request *request,
                     ossbind_callback *callback);

#endif
