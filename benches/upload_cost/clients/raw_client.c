/* The least that an upload can cost: writes the head of a request that the library made, and the
 * body, into a socket, sums the body, and reads the answer. */
#include "crc64.h"
#include "work.h"
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

static int connect_to(const char *endpoint) {
  char host[64];
  int port, on = 1, unsent = 256 * 1024;
  if (sscanf(endpoint, "http://%63[^:]:%d", host, &port) != 2)
    fail("the endpoint");
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  if (inet_pton(AF_INET, host, &address.sin_addr) != 1 ||
      connect(fd, (struct sockaddr *)&address, sizeof address))
    fail("connect");
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  /* As the library does, to see a stalled uplink. On loopback it makes the server sleep more often, and
   * waking it is charged to the client. */
  setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent, sizeof unsent);
  return fd;
}

static void send_all(int fd, const uint8_t *bytes, size_t length) {
  while (length > 0) {
    ssize_t sent = send(fd, bytes, length, MSG_NOSIGNAL);
    if (sent <= 0)
      fail("send");
    bytes += sent;
    length -= (size_t)sent;
  }
}

/* An answer is short, and comes whole. The sum is compared, as the library does. */
static void read_answer(int fd, uint64_t crc64) {
  static const char name[] = "x-oss-hash-crc64ecma: ";
  char answer[4096];
  ssize_t length = recv(fd, answer, sizeof answer - 1, 0);
  if (length <= 0)
    fail("recv");
  answer[length] = '\0';
  const char *sum = strstr(answer, name);
  if (strncmp(answer, "HTTP/1.1 200", 12) != 0 || !sum ||
      strtoull(sum + sizeof name - 1, NULL, 10) != crc64)
    fail("the request");
}

static void send_from_memory(int fd, uint8_t *request, size_t head, size_t size) {
  uint64_t crc64 = ~crc64_update(~UINT64_C(0), request + head, size);
  send_all(fd, request, head + size);
  read_answer(fd, crc64);
}

static void send_from_file(int fd, const uint8_t *head, size_t length, int file, off_t from,
                           size_t size) {
  static _Thread_local uint8_t chunk[CHUNK];
  uint64_t crc64 = ~UINT64_C(0);
  send_all(fd, head, length);
  while (size > 0) {
    ssize_t count = pread(file, chunk, size < CHUNK ? size : CHUNK, from);
    if (count <= 0)
      fail("pread");
    crc64 = crc64_update(crc64, chunk, (size_t)count);
    send_all(fd, chunk, (size_t)count);
    from += count;
    size -= (size_t)count;
  }
  read_answer(fd, ~crc64);
}

static void *run(void *argument) {
  const struct share *share = argument;
  const struct work *work = share->work;
  size_t length;
  uint8_t *head = (uint8_t *)read_whole(work->head, &length);
  int fd = connect_to(work->endpoint);
  int file = work->file ? open(work->file, O_RDONLY) : -1;
  if (!work->file) {
    head = realloc(head, length + work->size);
    if (!head)
      fail("realloc");
    memset(head + length, 0, work->size);
  }
  for (unsigned long n = share->first; n < work->requests; n += work->threads)
    if (work->file)
      send_from_file(fd, head, length, file, (off_t)(n * work->size), work->size);
    else
      send_from_memory(fd, head, length, work->size);
  if (file >= 0)
    close(file);
  close(fd);
  free(head);
  return NULL;
}

int main(int argc, char **argv) {
  (void)argc;
  struct work work = parse_work(argv);
  crc64_init();
  run_in_threads(&work, run, NULL);
  return 0;
}
