/* Uploads with keys that the server at argv[1] gives, frees the client, and says how often the secrets,
 * which the further arguments have backwards, are still in the memory of the process. */
#define _POSIX_C_SOURCE 200809L

#include <fcntl.h>
#include <ossbind.h>
#include <string.h>
#include <unistd.h>

#include "check.h"

static void upload(const char *uri) {
  ossbind_credentials_config credentials;
  ossbind_credentials_config_init(&credentials);
  credentials.kind = OSSBIND_CREDENTIALS_KIND_URI;
  credentials.argument = uri;
  ossbind_client_config config;
  ossbind_client_config_init(&config);
  config.credentials = &credentials;
  ossbind_client *client = NULL;
  CHECK(ossbind_client_new(&config, &client, NULL) == OSSBIND_STATUS_OK);
  ossbind_upload_request request;
  ossbind_upload_request_init(&request);
  request.bucket = getenv("OSS_BUCKET");
  request.key = "k";
  request.body = OSSBIND_BODY_KIND_MEMORY;
  request.data = (const uint8_t *)"v";
  request.data_len = 1;
  CHECK(ossbind_client_upload(client, &request, NULL, NULL) == OSSBIND_STATUS_OK);
  ossbind_client_free(client);
}

static size_t begins_backwards(const char *at, const char *backwards, size_t length) {
  for (size_t i = 0; i < length; i++)
    if (at[i] != backwards[length - 1 - i])
      return 0;
  return 1;
}

/* What is between the addresses; the copy is not counted, since it is read into a buffer of its own. */
static size_t count_between(int memory, unsigned long from, unsigned long to,
                            const char *backwards) {
  static char copy[1 << 16];
  const size_t length = strlen(backwards);
  size_t count = 0;
  for (unsigned long at = from; at < to; at += sizeof copy - length) {
    size_t wanted = to - at < sizeof copy ? to - at : sizeof copy;
    ssize_t got = pread(memory, copy, wanted, (off_t)at);
    for (ssize_t i = 0; i + (ssize_t)length <= got; i++)
      count += begins_backwards(copy + i, backwards, length);
    memset(copy, 0, sizeof copy);
  }
  return count;
}

static size_t count_in_memory(const char *backwards) {
  FILE *maps = fopen("/proc/self/maps", "r");
  int memory = open("/proc/self/mem", O_RDONLY);
  CHECK(maps != NULL && memory >= 0);
  size_t count = 0;
  char line[512];
  while (fgets(line, sizeof line, maps)) {
    unsigned long from, to;
    char access[5];
    CHECK(sscanf(line, "%lx-%lx %4s", &from, &to, access) == 3);
    if (access[0] == 'r' && access[1] == 'w')
      count += count_between(memory, from, to, backwards);
  }
  fclose(maps);
  close(memory);
  return count;
}

int main(int argc, char **argv) {
  CHECK(argc > 2);
  upload(argv[1]);
  for (int i = 2; i < argc; i++)
    printf("%zu ", count_in_memory(argv[i]));
  return 0;
}
