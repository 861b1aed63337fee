#define _POSIX_C_SOURCE 200809L
#include "object.h"
#include "stop.h"
#include <stdlib.h>
#include <string.h>

int has_callback(const struct object *object) { return object->callback && *object->callback; }

int is_standard_input(const struct object *object) { return strcmp(object->file, "-") == 0; }

/* What is said of a callback needs one, and a variable a place where it goes. */
static enum ended check_callback(const struct command *command, const struct object *object) {
  int describes = object->callback_body || object->callback_json || object->variables.count > 0;
  if (describes && !has_callback(object))
    return wrong_use(command,
                     "%s is given, but nobody is to be called: give --callback, or set "
                     "OSS_CALLBACK_URL",
                     object->callback_body   ? "--callback-body"
                     : object->callback_json ? "--callback-json"
                                             : "--var");
  if (object->variables.count > 0 && !object->callback_body)
    return wrong_use(command,
                     "--var %s is given, but nothing says where it goes: give --callback-body with "
                     "${%s} in it",
                     object->variables.items[0].name, object->variables.items[0].name);
  return ENDED_WELL;
}

enum ended complete_object(const struct command *command, const struct arguments *arguments,
                           struct object *object) {
  if (arguments->count < 2)
    return wrong_use(command, "%s is missing: %s needs FILE and KEY",
                     arguments->count == 0 ? "FILE" : "KEY", command->name);
  object->file = arguments->words[0];
  object->key = arguments->words[1];
  if (!object->bucket)
    object->bucket = getenv("OSS_BUCKET");
  if (!object->callback)
    object->callback = getenv("OSS_CALLBACK_URL");
  if (!object->bucket || !*object->bucket)
    return wrong_use(command, "there is no bucket: give --bucket, or set OSS_BUCKET");
  return check_callback(command, object);
}

static void describe_callback(const struct object *object, ossbind_callback *callback) {
  ossbind_callback_init(callback);
  callback->url = object->callback;
  callback->body_type =
      object->callback_json ? OSSBIND_BODY_TYPE_JSON : OSSBIND_BODY_TYPE_URL_ENCODED;
  callback->body = object->callback_body   ? object->callback_body
                   : object->callback_json ? "{\"object\":${object},\"size\":${size}}"
                                           : "object=${object}&size=${size}";
  callback->variable_count = object->variables.count;
  if (object->variables.count > 0)
    callback->variables = object->variables.items;
}

void describe_object(const struct object *object, ossbind_upload_request *request,
                     ossbind_callback *callback) {
  ossbind_upload_request_init(request);
  describe_callback(object, callback);
  request->bucket = object->bucket;
  request->key = object->key;
  if (is_standard_input(object)) {
    request->body = OSSBIND_BODY_KIND_READ;
    request->read = read_standard_input;
  } else {
    request->body = OSSBIND_BODY_KIND_FILE;
    request->file_path = object->file;
  }
  request->content_type = object->content_type;
  request->storage_class = object->storage_class;
  request->metadata_count = object->metadata.count;
  if (object->metadata.count > 0)
    request->metadata = object->metadata.items;
  /* Whoever names a size of parts wants parts. */
  request->part_size = request->multipart_threshold = object->part_size;
  if (has_callback(object))
    request->callback = callback;
}
