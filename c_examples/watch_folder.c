/* Watches a folder: each file that is complete goes into an outbox, and from there to OSS, whatever happens.
 *
 *   watch_folder FOLDER OUTBOX
 *
 * A file is complete when its writer closes it or renames it into FOLDER, and when it is there at the
 * start; names that begin with a dot are left alone. It is moved into OUTBOX, and uploaded under its name,
 * which must be used only once. What has become of it is printed. SIGINT and SIGTERM end the program; what
 * waits then is sent by the next run. From the environment: OSS_ENDPOINT, OSS_REGION, OSS_ACCESS_KEY_ID,
 * OSS_ACCESS_KEY_SECRET, OSS_BUCKET and OSS_CALLBACK_URL. Exit code: 0 after a signal, 1 it cannot begin. */
#define _POSIX_C_SOURCE 200809L
#include <ossbind.h>
#include <dirent.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

static ossbind_outbox *outbox;
static int is_left; /* a file could not be taken, and is tried again */

static void add(const char *name) {
  struct stat about;
  if (name[0] == '.' || stat(name, &about) != 0 || !S_ISREG(about.st_mode))
    return;
  ossbind_callback callback;
  ossbind_callback_init(&callback);
  callback.url = getenv("OSS_CALLBACK_URL");
  callback.body = "object=${object}&size=${size}";

  ossbind_upload_request request;
  ossbind_upload_request_init(&request);
  request.bucket = getenv("OSS_BUCKET");
  request.key = name;
  request.body = OSSBIND_BODY_KIND_FILE;
  request.file_path = name;
  request.callback = &callback;
  ossbind_outbox_options options;
  ossbind_outbox_options_init(&options);
  options.keep = OSSBIND_OUTBOX_KEEP_MOVE;
  ossbind_error *error = NULL;
  if (ossbind_outbox_add(outbox, &request, &options, NULL, &error) != OSSBIND_STATUS_OK) {
    is_left |= ossbind_error_advice(error) != OSSBIND_ADVICE_FIX_REQUEST;
    fprintf(stderr, "%s: %s\n", name, ossbind_error_message(error));
  }
  ossbind_error_free(error);
}

static void add_all(void) {
  DIR *folder = opendir(".");
  is_left = folder == NULL;
  for (struct dirent *entry; folder && (entry = readdir(folder));)
    add(entry->d_name);
  if (folder)
    closedir(folder);
}

/* Adds what the folder tells. */
static void add_new(int watch) {
  union {
    struct inotify_event first;
    char bytes[8192];
  } events;
  struct inotify_event *event;
  ssize_t count = read(watch, &events, sizeof events);
  for (ssize_t at = 0; at < count; at += (ssize_t)(sizeof *event + event->len)) {
    event = (void *)(events.bytes + at);
    if (event->mask & IN_Q_OVERFLOW)
      add_all(); /* there was more than the kernel kept */
    else if (event->len > 0)
      add(event->name);
  }
}

/* One that is not acknowledged is given again by the next run: print first. */
static void take_receipts(void) {
  ossbind_receipt *receipt = NULL;
  while (ossbind_outbox_next_receipt(outbox, &receipt, NULL) == OSSBIND_STATUS_OK && receipt) {
    const char *message = ossbind_receipt_message(receipt);
    printf("%s: %s: %s\n", ossbind_receipt_key(receipt),
           ossbind_item_outcome_name(ossbind_receipt_outcome(receipt)), message ? message : "done");
    if (fflush(stdout) != 0 ||
        ossbind_outbox_acknowledge(outbox, ossbind_receipt_id(receipt), NULL) != OSSBIND_STATUS_OK)
      fputs("the next run prints it again\n", stderr);
    ossbind_receipt_free(receipt);
  }
}

/* Opens the outbox, which then sends by itself; returns 0 when that fails. */
static int open_outbox(const char *folder) {
  ossbind_client *client = NULL;
  ossbind_error *error = NULL;
  ossbind_outbox_config config;
  ossbind_outbox_config_init(&config);
  int is_open = ossbind_client_new(NULL, &client, &error) == OSSBIND_STATUS_OK;
  config.folder = folder;
  config.client = client;
  is_open = is_open && ossbind_outbox_open(&config, &outbox, &error) == OSSBIND_STATUS_OK &&
            ossbind_outbox_start(outbox, 1, &error) == OSSBIND_STATUS_OK;
  if (!is_open)
    fprintf(stderr, "%s: %s\n", folder, ossbind_error_message(error));
  ossbind_error_free(error);
  ossbind_client_free(client); /* the outbox has a reference of its own */
  return is_open;
}

/* Until a signal comes. Returns the exit code. */
static int watch_until_signal(const char *folder, const sigset_t *signals) {
  int watch = inotify_init1(IN_NONBLOCK);
  if (watch < 0 || chdir(folder) != 0 ||
      inotify_add_watch(watch, ".", IN_CLOSE_WRITE | IN_MOVED_TO | IN_ONLYDIR) < 0) {
    perror(folder);
    return 1;
  }
  struct pollfd waiting[] = {{signalfd(-1, signals, 0), POLLIN, 0},
                             {watch, POLLIN, 0},
                             {ossbind_outbox_receipt_fd(outbox), POLLIN, 0}};
  add_all(); /* after the watch began, so that none is missed */
  while (!waiting[0].revents) {
    if (poll(waiting, 3, is_left ? 10000 : -1) == 0)
      add_all();
    if (waiting[1].revents)
      add_new(watch);
    if (waiting[2].revents)
      take_receipts();
  }
  return 0;
}

int main(int argc, char **argv) {
  if (argc != 3 || !getenv("OSS_BUCKET") || !getenv("OSS_CALLBACK_URL")) {
    fprintf(stderr, "usage: watch_folder FOLDER OUTBOX, with OSS_ENDPOINT, OSS_REGION,\n"
                    "OSS_ACCESS_KEY_ID, OSS_ACCESS_KEY_SECRET, OSS_BUCKET and OSS_CALLBACK_URL\n");
    return 1;
  }
  sigset_t signals; /* blocked before any thread begins, so that poll() alone gets them */
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  sigprocmask(SIG_BLOCK, &signals, NULL);
  int code = !open_outbox(argv[2]) || watch_until_signal(argv[1], &signals);
  ossbind_outbox_stop(outbox);
  take_receipts();
  ossbind_outbox_free(outbox);
  return code;
}
