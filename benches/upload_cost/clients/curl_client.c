/* Plain libcurl: sends the header lines of a request that the library made, so it signs nothing. */
#include "work.h"
#include <curl/curl.h>

struct body {
  const char *memory;
  FILE *file;
  size_t left;
};

static size_t read_body(char *to, size_t size, size_t count, void *userdata) {
  struct body *body = userdata;
  size_t wanted = size * count < body->left ? size * count : body->left;
  if (body->file)
    wanted = fread(to, 1, wanted, body->file);
  else
    memcpy(to, body->memory, wanted);
  body->left -= wanted;
  return wanted;
}

static size_t drop_answer(char *from, size_t size, size_t count, void *userdata) {
  (void)from;
  (void)userdata;
  return size * count;
}

/* All lines but those that libcurl writes itself. Sets the path of the first line. */
static struct curl_slist *header_lines(char *head, char **path) {
  struct curl_slist *lines = NULL;
  char *rest = NULL;
  char *line = strtok_r(head, "\r\n", &rest);
  *path = strchr(line, ' ') + 1;
  *strchr(*path, ' ') = '\0';
  while ((line = strtok_r(NULL, "\r\n", &rest)))
    if (strncasecmp(line, "host:", 5) != 0 && strncasecmp(line, "content-length:", 15) != 0)
      lines = curl_slist_append(lines, line);
  return curl_slist_append(lines, "Expect:");
}

static void *run(void *argument) {
  const struct share *share = argument;
  const struct work *work = share->work;
  size_t length;
  char *path, url[4096];
  char *head = read_whole(work->head, &length);
  struct curl_slist *lines = header_lines(head, &path);
  snprintf(url, sizeof url, "%s%s", work->endpoint, path);
  char *memory = work->file ? NULL : calloc(1, work->size);
  struct body body = {memory, work->file ? fopen(work->file, "rb") : NULL, 0};
  CURL *curl = curl_easy_init();
  if (!curl || (work->file && !body.file))
    fail("curl_easy_init");
  curl_easy_setopt(curl, CURLOPT_URL, url);
  curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, lines);
  curl_easy_setopt(curl, CURLOPT_READFUNCTION, read_body);
  curl_easy_setopt(curl, CURLOPT_READDATA, &body);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, drop_answer);
  curl_easy_setopt(curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t)work->size);
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  if (work->ca)
    curl_easy_setopt(curl, CURLOPT_CAINFO, work->ca);
  for (unsigned long n = share->first; n < work->requests; n += work->threads) {
    long status = 0;
    body.left = work->size;
    if (body.file)
      fseeko(body.file, (off_t)(n * work->size), SEEK_SET);
    CURLcode code = curl_easy_perform(curl);
    if (code != CURLE_OK)
      fail(curl_easy_strerror(code));
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    if (status != 200)
      fail("the request");
  }
  curl_easy_cleanup(curl);
  curl_slist_free_all(lines);
  if (body.file)
    fclose(body.file);
  free(memory);
  free(head);
  return NULL;
}

int main(int argc, char **argv) {
  (void)argc;
  struct work work = parse_work(argv);
  curl_global_init(CURL_GLOBAL_DEFAULT);
  run_in_threads(&work, run, NULL);
  curl_global_cleanup();
  return 0;
}
