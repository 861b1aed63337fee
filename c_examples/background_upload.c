/* Uploads in a thread, with the same call as anywhere, while the program goes on, and has itself
 * notified when the upload is complete.
 *
 *   background_upload FILE [KEY]
 *
 * From the environment: OSS_ENDPOINT, OSS_REGION, OSS_ACCESS_KEY_ID, OSS_ACCESS_KEY_SECRET,
 * OSS_BUCKET and OSS_CALLBACK_URL. Exit code: 0 acknowledged, 2 stored but the callback failed,
 * 1 anything else. */
#include <ossbind.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct upload {
  ossbind_upload_request request; /* with all that it points to, it lives until the upload ends */
  ossbind_status status;
  ossbind_error *error;
  pthread_mutex_t mutex;
  pthread_cond_t completed;
  int is_complete;
};

static void *run(void *argument) {
  struct upload *upload = argument;
  upload->status = ossbind_upload(NULL, &upload->request, NULL, &upload->error);

  /* The notice. A program with an event loop would write to a pipe or an eventfd here. */
  pthread_mutex_lock(&upload->mutex);
  upload->is_complete = 1;
  pthread_cond_signal(&upload->completed);
  pthread_mutex_unlock(&upload->mutex);
  return NULL;
}

int main(int argc, char **argv) {
  if (argc < 2) {
    fprintf(stderr, "usage: background_upload FILE [KEY]\n");
    return 1;
  }
  ossbind_callback callback;
  ossbind_callback_init(&callback);
  callback.url = getenv("OSS_CALLBACK_URL");
  callback.body = "object=${object}&size=${size}";

  struct upload upload = {.mutex = PTHREAD_MUTEX_INITIALIZER,
                          .completed = PTHREAD_COND_INITIALIZER};
  ossbind_upload_request_init(&upload.request);
  upload.request.bucket = getenv("OSS_BUCKET");
  upload.request.key = argc > 2 ? argv[2] : "ossbind-example";
  upload.request.body = OSSBIND_BODY_KIND_FILE;
  upload.request.file_path = argv[1];
  upload.request.callback = &callback;

  pthread_t thread;
  int failure = pthread_create(&thread, NULL, run, &upload);
  if (failure) {
    fprintf(stderr, "no thread: %s\n", strerror(failure));
    return 1;
  }

  printf("uploading in the background\n"); /* here the program does what else it has to do */
  fflush(stdout);

  pthread_mutex_lock(&upload.mutex);
  while (!upload.is_complete)
    pthread_cond_wait(&upload.completed, &upload.mutex);
  pthread_mutex_unlock(&upload.mutex);
  pthread_join(thread, NULL);

  printf("complete: %s\n", ossbind_status_name(upload.status));
  if (upload.error)
    fprintf(stderr, "%s\n", ossbind_error_message(upload.error));
  ossbind_error_free(upload.error);
  if (upload.status == OSSBIND_STATUS_OK)
    return 0;
  return upload.status == OSSBIND_STATUS_CALLBACK_FAILED ? 2 : 1;
}
