/* What each client is asked to do, and how it says that it could not. */
#ifndef WORK_H
#define WORK_H

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Bytes of a file that are read and sent at a time, as the library does. */
#define CHUNK ((size_t)64 * 1024)

struct work {
  const char *endpoint;   /* scheme://host:port */
  unsigned long requests; /* of all threads together */
  size_t size;            /* of the body of each */
  unsigned threads;
  const char *file; /* request n sends the n-th `size` bytes; NULL: a body in memory */
  const char *head; /* file with the head of a request that the library made */
  const char *ca;   /* PEM file of the authority that the sink's certificate is from */
};

static void fail(const char *what) {
  fprintf(stderr, "%s failed\n", what);
  exit(1);
}

static const char *optional(const char *argument) {
  return strcmp(argument, "-") == 0 ? NULL : argument;
}

static struct work parse_work(char **argv) {
  struct work work;
  int count = 0;
  while (argv[count])
    count++;
  if (count != 8) {
    fprintf(stderr, "usage: %s ENDPOINT REQUESTS SIZE THREADS FILE|- HEAD|- CA|-\n", argv[0]);
    exit(2);
  }
  work.endpoint = argv[1];
  work.requests = strtoul(argv[2], NULL, 10);
  work.size = strtoul(argv[3], NULL, 10);
  work.threads = (unsigned)strtoul(argv[4], NULL, 10);
  work.file = optional(argv[5]);
  work.head = optional(argv[6]);
  work.ca = optional(argv[7]);
  return work;
}

/* One thread takes every `threads`-th request. */
struct share {
  const struct work *work;
  unsigned first;
  void *shared;
};

/* Runs `run` in each thread with its share; in the first thread alone without making another. */
static inline void run_in_threads(const struct work *work, void *(*run)(void *), void *shared) {
  struct share *shares = calloc(work->threads, sizeof *shares);
  pthread_t *threads = calloc(work->threads, sizeof *threads);
  if (!shares || !threads)
    fail("calloc");
  for (unsigned n = 0; n < work->threads; n++) {
    shares[n] = (struct share){work, n, shared};
    if (n > 0 && pthread_create(&threads[n], NULL, run, &shares[n]))
      fail("pthread_create");
  }
  run(&shares[0]);
  for (unsigned n = 1; n < work->threads; n++)
    pthread_join(threads[n], NULL);
  free(threads);
  free(shares);
}

static inline char *read_whole(const char *path, size_t *length) {
  FILE *file = fopen(path, "rb");
  char *text = malloc(1 << 16);
  if (!file || !text)
    fail(path);
  *length = fread(text, 1, (1 << 16) - 1, file);
  text[*length] = '\0';
  fclose(file);
  return text;
}

#endif
