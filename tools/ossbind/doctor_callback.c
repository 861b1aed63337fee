/* The last step: can OSS call back? Only OSS itself knows whether a server answers it. */
#include "addresses.h"
#include "doctor.h"
#include <string.h>

/* Whether OSS is the public one, which calls over the public internet. */
static int is_public(const struct doctor *doctor) {
  static const char DOMAIN[] = ".aliyuncs.com";
  size_t length = strlen(doctor->host), ending = strlen(DOMAIN);
  return length > ending && strcmp(doctor->host + length - ending, DOMAIN) == 0;
}

/* Returns 0 when something is wrong with the host of one URL, and that was said. */
static int is_host_good(struct doctor *doctor, const char *host) {
  struct addresses found;
  resolve(host, &found);
  if (found.error)
    conclude(doctor, CALLBACK, WRONG,
             "the host %s of the callback URL is not resolved: %s. Check the "
             "URL, and whether the name is in the public DNS",
             host, found.error);
  else if (found.all_private && is_public(doctor))
    conclude(doctor, CALLBACK, WRONG,
             "the host %s of the callback URL has the address %s, which is private; "
             "OSS calls over the public internet: give it a public one",
             host, found.text);
  else
    return 1;
  return 0;
}

static int are_hosts_good(struct doctor *doctor) {
  const char *url = doctor->callback;
  char host[256] = "";
  while (url) {
    if (host_of_url(url, host, sizeof host) && !is_host_good(doctor, host))
      return 0;
    url = strchr(url, ';');
    url = url ? url + 1 : NULL;
  }
  return 1;
}

void examine_callback(struct doctor *doctor) {
  ossbind_encoded_callback *encoded = NULL;
  ossbind_error *error = NULL;
  ossbind_callback callback;
  ossbind_callback_init(&callback);
  callback.url = doctor->callback;
  callback.body = "object=${object}";
  if (!doctor->callback)
    conclude(doctor, CALLBACK, SKIPPED,
             "there is none: give --callback, or set OSS_CALLBACK_URL, if "
             "OSS shall tell a server");
  else if (ossbind_callback_encode(&callback, &encoded, &error) != OSSBIND_STATUS_OK)
    conclude(doctor, CALLBACK, WRONG, "%s", ossbind_error_message(error));
  else if (are_hosts_good(doctor))
    conclude(doctor, CALLBACK, OK,
             "the URL is good, and its host is resolved here; whether OSS reaches "
             "the server shows with the first upload");
  ossbind_encoded_callback_free(encoded);
  ossbind_error_free(error);
}
