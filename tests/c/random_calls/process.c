/* Threads and descriptors of the process. */
#include "machine.h"

#include <dirent.h>
#include <netinet/in.h>
#include <sched.h>
#include <unistd.h>

enum {
  /* A bound for broken libraries, not a measure. */
  PATIENCE_S = 60,
  /* Of the two clients of the process, with keys and without, that ossbind_upload(NULL, ...) makes; each of
   * them keeps 4 connections at most, as long as the process lives. */
  MAX_KEPT = 8
};

/* How many entries a folder has of those that shall be counted. */
static int entries(const char *folder, int (*is_counted)(const char *name)) {
  DIR *all = opendir(folder);
  int count = 0;
  EXPECT(all);
  for (struct dirent *entry = readdir(all); entry; entry = readdir(all))
    count += is_counted(entry->d_name);
  closedir(all);
  return count;
}

static int is_any(const char *name) {
  (void)name;
  return 1;
}

static int is_connection_to_service(const char *name) {
  struct sockaddr_in peer;
  socklen_t size = sizeof peer;
  return getpeername(atoi(name), (struct sockaddr *)&peer, &size) == 0 &&
         peer.sin_family == AF_INET &&
         ntohs(peer.sin_port) == atoi(strrchr(places.endpoint, ':') + 1);
}

struct process look_at_process(void) {
  const struct process process = {entries("/proc/self/task", is_any),
                                  entries("/proc/self/fd", is_any)};
  return process;
}

void check_process(struct process before) {
  alarm(PATIENCE_S);
  while (entries("/proc/self/task", is_any) > before.threads)
    sched_yield();
  alarm(0);
  const int kept = entries("/proc/self/fd", is_connection_to_service);
  EXPECT(kept <= MAX_KEPT);
  EXPECT(look_at_process().descriptors == before.descriptors + kept);
}
