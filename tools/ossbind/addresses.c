#define _POSIX_C_SOURCE 200809L
#include "addresses.h"
#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

/* The blocks of RFC 6890 that routers of the internet do not pass on. */
static int is_private_v4(uint32_t address) {
  static const struct {
    uint32_t block;
    unsigned bits;
  } BLOCKS[] = {{0x00000000, 8},  {0x0A000000, 8},  {0x64400000, 10}, {0x7F000000, 8},
                {0xA9FE0000, 16}, {0xAC100000, 12}, {0xC0A80000, 16}, {0xE0000000, 3}};
  for (size_t i = 0; i < sizeof BLOCKS / sizeof *BLOCKS; i++)
    if ((address ^ BLOCKS[i].block) >> (32 - BLOCKS[i].bits) == 0)
      return 1;
  return 0;
}

static int is_private_v6(const struct in6_addr *address) {
  int is_unique_local = (address->s6_addr[0] & 0xFE) == 0xFC;
  return is_unique_local || IN6_IS_ADDR_LOOPBACK(address) || IN6_IS_ADDR_LINKLOCAL(address) ||
         IN6_IS_ADDR_UNSPECIFIED(address);
}

static int is_private(const struct addrinfo *info) {
  if (info->ai_family == AF_INET6)
    return is_private_v6(&((const struct sockaddr_in6 *)(const void *)info->ai_addr)->sin6_addr);
  const struct sockaddr_in *v4 = (const struct sockaddr_in *)(const void *)info->ai_addr;
  return is_private_v4(ntohl(v4->sin_addr.s_addr));
}

static void append_address(char *text, size_t size, const struct addrinfo *info) {
  char number[INET6_ADDRSTRLEN];
  size_t used = strlen(text);
  int is_shown = getnameinfo(info->ai_addr, info->ai_addrlen, number, sizeof number, NULL, 0,
                             NI_NUMERICHOST) == 0;
  if (is_shown && used + strlen(number) + 3 < size)
    snprintf(text + used, size - used, "%s%s", used ? ", " : "", number);
}

void resolve(const char *host, struct addresses *found) {
  struct addrinfo hints = {0};
  struct addrinfo *list = NULL;
  hints.ai_socktype = SOCK_STREAM;
  memset(found, 0, sizeof *found);
  int error = getaddrinfo(host, NULL, &hints, &list);
  if (error != 0) {
    found->error = gai_strerror(error);
    return;
  }
  found->all_private = 1;
  for (const struct addrinfo *info = list; info; info = info->ai_next) {
    append_address(found->text, sizeof found->text, info);
    found->all_private &= is_private(info);
  }
  freeaddrinfo(list);
}

int host_of_url(const char *url, char *host, size_t size) {
  const char *separator = strstr(url, "://");
  const char *begin = separator ? separator + 3 : url;
  size_t length;
  if (*begin == '[')
    length = strcspn(++begin, "]");
  else
    length = strcspn(begin, ":/?#;");
  if (length == 0 || length >= size)
    return 0;
  memcpy(host, begin, length);
  host[length] = '\0';
  return 1;
}
