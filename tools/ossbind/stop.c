#define _POSIX_C_SOURCE 200809L
#include "stop.h"
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

/* Live until the process ends, since a signal may come at any time. */
static ossbind_cancel *cancel;
static int wake[2] = {-1, -1};

static void on_signal(int number) {
  (void)number;
  int saved = errno;
  ossbind_cancel_trigger(cancel);
  /* Whoever waits for standard input waits for this as well. The pipe is empty, so it has room. */
  ssize_t count = write(wake[1], "", 1);
  (void)count;
  errno = saved;
}

/* A shell lets background jobs ignore Ctrl-C, and they go on doing so. */
static void handle(int number) {
  struct sigaction action = {0}, inherited;
  if (sigaction(number, NULL, &inherited) == 0 && inherited.sa_handler == SIG_IGN)
    return;
  action.sa_handler = on_signal;
  action.sa_flags = (int)SA_RESETHAND;
  sigemptyset(&action.sa_mask);
  sigaction(number, &action, NULL);
}

const ossbind_cancel *stop_on_signals(void) {
  if (ossbind_cancel_new(&cancel) != OSSBIND_STATUS_OK || pipe(wake) != 0) {
    perror("ossbind: signals cannot be handled");
    return NULL;
  }
  handle(SIGINT);
  handle(SIGTERM);
  return cancel;
}

int stop_descriptor(void) { return wake[0]; }
