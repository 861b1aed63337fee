/* A gateway: uploads each file of a folder, has OSS tell the application server, and deletes it.
 *
 *   gateway [-1] [-t MILLISECONDS] FOLDER
 *
 * -1 makes one pass; -t limits one upload (default 10 minutes). The folder is the queue, and survives a
 * crash: rename complete files into it, each under a name used only once. What cannot be uploaded as it is
 * goes to FOLDER/rejected. From the environment: OSS_ENDPOINT, OSS_REGION, OSS_ACCESS_KEY_ID,
 * OSS_ACCESS_KEY_SECRET, OSS_BUCKET and OSS_CALLBACK_URL. Exit code: 0 empty, 2 files left, 1 no folder.
 *
 * A file that has to wait does not hold up the others. When over a thousand wait, some are tried too early. */
#define _POSIX_C_SOURCE 200809L
#include <dirent.h>
#include <errno.h>
#include <ossbind.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static uint32_t timeout_ms = 600000;

/* Until when a file waits, by the last digits of its number. Of two with the same, the later counts. */
static struct {
  ino_t file;
  int64_t until_ms;
} waits[4096];

static int64_t now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Uploads a file under its own name, as one content, so that it can be repeated without harm. */
static ossbind_advice upload(const char *name, uint32_t *retry_after_ms) {
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
  request.flags = OSSBIND_UPLOAD_ONCE;
  request.callback = &callback;
  request.timeout_ms = timeout_ms;

  ossbind_error *error = NULL;
  ossbind_status status = ossbind_upload(NULL, &request, NULL, &error);
  ossbind_advice advice = ossbind_error_advice(error);
  *retry_after_ms = ossbind_error_retry_after_ms(error);
  printf("%s: %s, %s: %s\n", name, ossbind_status_name(status), ossbind_advice_name(advice),
         error ? ossbind_error_message(error) : "acknowledged");
  if (error && advice == OSSBIND_ADVICE_DONE)
    printf("%s: stored; ask the application server whether it knows, or tell it\n", name);
  fflush(stdout);
  ossbind_error_free(error);
  return advice;
}

/* Follows the advice for each file that need not wait; returns how many are left. */
static int pass(DIR *folder) {
  int left = 0;
  struct dirent *entry;
  struct stat about;
  rewinddir(folder);
  while (errno = 0, (entry = readdir(folder))) {
    const char *name = entry->d_name;
    if (name[0] == '.' || (stat(name, &about) == 0 && !S_ISREG(about.st_mode)))
      continue;
    size_t place = entry->d_ino % (sizeof waits / sizeof *waits);
    if (waits[place].file == entry->d_ino && now_ms() < waits[place].until_ms) {
      left++;
      continue;
    }
    uint32_t retry_after_ms;
    ossbind_advice advice = upload(name, &retry_after_ms);
    char aside[sizeof entry->d_name + sizeof "rejected/"];
    snprintf(aside, sizeof aside, "rejected/%s", name);
    if (advice == OSSBIND_ADVICE_DONE && unlink(name) == 0)
      continue;
    if (advice == OSSBIND_ADVICE_FIX_REQUEST && rename(name, aside) == 0)
      continue;
    left++; /* AGAIN, LOOK, FIX_SETTINGS, and what a newer library may say */
    waits[place].file = entry->d_ino;
    waits[place].until_ms = now_ms() + retry_after_ms;
  }
  return left + (errno != 0); /* what could not be listed is left as well */
}

int main(int argc, char **argv) {
  int option, left, is_once = 0, is_wrong = 0;
  while ((option = getopt(argc, argv, "1t:")) != -1) {
    is_once |= option == '1';
    is_wrong |= option == '?';
    timeout_ms = option == 't' ? (uint32_t)strtoul(optarg, NULL, 10) : timeout_ms;
  }
  if (is_wrong || optind != argc - 1 || !getenv("OSS_BUCKET") || !getenv("OSS_CALLBACK_URL")) {
    fprintf(stderr, "usage: gateway [-1] [-t MILLISECONDS] FOLDER, with OSS_ENDPOINT, OSS_REGION,\n"
                    "OSS_ACCESS_KEY_ID, OSS_ACCESS_KEY_SECRET, OSS_BUCKET and OSS_CALLBACK_URL\n");
    return 1;
  }
  DIR *folder = NULL;
  if (chdir(argv[optind]) != 0 || (mkdir("rejected", 0700) != 0 && access("rejected", W_OK) != 0) ||
      !(folder = opendir("."))) {
    perror(argv[optind]);
    return 1;
  }
  while ((left = pass(folder)) > 0 && !is_once)
    nanosleep(&(struct timespec){.tv_sec = 1}, NULL);
  closedir(folder);
  return left ? 2 : 0;
}
