/* The client of a command: the service and the keys come from the environment. */
#ifndef OSSBIND_COMMAND_CLIENT_H
#define OSSBIND_COMMAND_CLIENT_H

#include <ossbind.h>

/* `ca` is the file of --ca, or NULL. As ossbind_client_new(). */
ossbind_status new_client(const char *ca, ossbind_client **client, ossbind_error **error);

#endif
