/* Names of hosts, and the addresses behind them. */
#ifndef OSSBIND_COMMAND_ADDRESSES_H
#define OSSBIND_COMMAND_ADDRESSES_H

#include <stddef.h>

/* What a resolver says of a host. */
struct addresses {
  const char *error; /* why there are none; NULL when there are */
  int all_private;   /* none of them is reached over the public internet */
  char text[256];    /* the first ones, for people */
};

void resolve(const char *host, struct addresses *found);

/* The host of a URL, without port and brackets. Returns 0 when it is none, or too long. */
int host_of_url(const char *url, char *host, size_t size);

#endif
