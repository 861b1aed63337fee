/* The client of a command: the service and the keys come from the environment. */
#ifndef OSSBIND_COMMAND_CLIENT_H
#define OSSBIND_COMMAND_CLIENT_H

#include <ossbind.h>

/* As ossbind_client_new(). `ca` is the file of --ca, or NULL; `log` gets warnings, and may be NULL. */
ossbind_status new_client(const char *ca, ossbind_log_fn log, void *log_userdata,
                          ossbind_client **client, ossbind_error **error);

#endif
