/* ossbind render: what a server will get for an object. */
#define _POSIX_C_SOURCE 200809L
#include "callback_file.h"
#include "command.h"
#include "options.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static enum ended run(char **words);

const struct command render_command = {
    "render", "print what your server will get for an object",
    "usage: ossbind render [OPTION...] FILE\n\n"
    "FILE has the callback parameter: JSON, or Base64 of it as in x-oss-callback. Standard input\n"
    "when it is '-'. Prints the body of the POST, byte for byte. Nothing is sent. What the body "
    "does\n"
    "not name need not be given.\n\n"
    "  --bucket BUCKET         ${bucket}, instead of OSS_BUCKET\n"
    "  --object KEY            ${object}\n"
    "  --etag ETAG             ${etag}, without quotes\n"
    "  --size BYTES            ${size}; by default 0\n"
    "  --type TYPE             ${mimeType}; by default application/octet-stream\n"
    "  --image-format FORMAT   ${imageInfo.format}, such as jpg, when the object is an image\n"
    "  --image-width PIXELS    ${imageInfo.width} of an image\n"
    "  --image-height PIXELS   ${imageInfo.height} of an image\n"
    "  --crc64 NUMBER          ${crc64}; by default 0\n"
    "  --md5 BASE64            ${contentMd5}; by default empty, as for what is sent in parts\n"
    "  --vpc-id ID             ${vpcId}; by default empty\n"
    "  --client-ip ADDRESS     ${clientIp}\n"
    "  --request-id ID         ${reqId}\n"
    "  --operation NAME        ${operation}; by default PutObject\n" CALLBACK_HELP
    "\nExit codes: 0 printed, 1 wrong use, 5 the callback would be refused.\n",
    run, NULL};

/* The options that a body may need. */
static const struct {
  const char *fact, *option, *reason;
} NEEDED[] = {
    {"facts.bucket", "--bucket", "the body has ${bucket}"},
    {"facts.key", "--object", "the body has ${object}"},
    {"facts.etag", "--etag", "the body has ${etag}"},
    {"facts.client_ip", "--client-ip", "the body has ${clientIp}"},
    {"facts.request_id", "--request-id", "the body has ${reqId}"},
    {"facts.image_format", "--image-format", "the image has a width or a height"},
};

static enum ended refused(ossbind_error *error) {
  const char *fact = ossbind_error_field(error);
  for (size_t i = 0; fact && i < sizeof NEEDED / sizeof *NEEDED; i++)
    if (strcmp(NEEDED[i].fact, fact) == 0) {
      ossbind_error_free(error);
      return wrong_use(&render_command, "%s is missing: %s", NEEDED[i].option, NEEDED[i].reason);
    }
  return ended_by_refusal(error);
}

static enum ended render(const ossbind_callback *callback, const ossbind_object_facts *facts) {
  ossbind_rendered_callback *rendered = NULL;
  ossbind_error *error = NULL;
  if (ossbind_callback_render(callback, facts, &rendered, &error) != OSSBIND_STATUS_OK)
    return refused(error);
  size_t length;
  const uint8_t *body = ossbind_rendered_callback_body(rendered, &length);
  fwrite(body, 1, length, stdout);
  if (isatty(STDOUT_FILENO))
    putchar('\n');
  ossbind_rendered_callback_free(rendered);
  return ENDED_WELL;
}

static enum ended run(char **words) {
  struct callback_file file = {0};
  ossbind_callback callback;
  ossbind_object_facts facts;
  ossbind_object_facts_init(&facts);
  facts.bucket = getenv("OSS_BUCKET");
  const struct option options[] = {
      {.name = "--bucket", .text = &facts.bucket},
      {.name = "--object", .text = &facts.key},
      {.name = "--etag", .text = &facts.etag},
      {.name = "--size", .number = &facts.size, .most = UINT64_MAX},
      {.name = "--type", .text = &facts.content_type},
      {.name = "--image-format", .text = &facts.image_format},
      {.name = "--image-width", .number = &facts.image_width, .most = UINT64_MAX},
      {.name = "--image-height", .number = &facts.image_height, .most = UINT64_MAX},
      {.name = "--crc64", .number = &facts.crc64, .most = UINT64_MAX},
      {.name = "--md5", .text = &facts.content_md5},
      {.name = "--vpc-id", .text = &facts.vpc_id},
      {.name = "--client-ip", .text = &facts.client_ip},
      {.name = "--request-id", .text = &facts.request_id},
      {.name = "--operation", .text = &facts.operation},
      CALLBACK_OPTIONS(&file),
      {.name = NULL}};
  struct arguments arguments;
  if (!read_options(&render_command, options, words, &arguments))
    return arguments.ended;
  const enum ended ended = read_callback(&render_command, &arguments, &file, &callback);
  return ended == ENDED_WELL ? render(&callback, &facts) : ended;
}
