/* Signs a PUT with a callback for another HTTP stack, and prints it as a command line of curl. Any other
 * operation of OSS is signed in the same way. Whoever has the line can send it for 15 minutes.
 *
 *   signed_rest_request KEY TEXT
 *
 * From the environment: OSS_ENDPOINT, OSS_REGION, OSS_ACCESS_KEY_ID, OSS_ACCESS_KEY_SECRET,
 * OSS_BUCKET and OSS_CALLBACK_URL. Exit code: 0 signed, 1 anything else. */
#include <ossbind.h>
#include <stdio.h>
#include <stdlib.h>

/* In single quotes nothing has a meaning to the shell but the quote itself. */
static void print_quoted(const char *text) {
  putchar('\'');
  for (; *text; text++) {
    if (*text == '\'')
      fputs("'\\''", stdout);
    else
      putchar(*text);
  }
  putchar('\'');
}

static void print_curl(const ossbind_signed *signed_, const char *body) {
  printf("curl -sS -w '\\n%%{http_code}\\n' -X %s", ossbind_signed_method(signed_));
  const char *name, *value;
  for (size_t i = 0; ossbind_signed_pair_at(signed_, i, &name, &value); i++) {
    printf(" -H '%s: '", name);
    print_quoted(value);
  }
  fputs(" --data-raw ", stdout);
  print_quoted(body);
  putchar(' ');
  print_quoted(ossbind_signed_url(signed_));
  putchar('\n');
}

static int fail(ossbind_error *error) {
  fprintf(stderr, "%s\n", ossbind_error_message(error));
  ossbind_error_free(error);
  return 1;
}

/* Signs and prints the PUT with the callback in its headers. */
static int sign(const char *key, const char *text, const ossbind_encoded_callback *callback) {
  /* All that curl will send of Content-Type and x-oss-* must be signed. */
  const ossbind_pair headers[] = {
      {"Content-Type", "text/plain"},
      {"x-oss-callback", ossbind_encoded_callback_header(callback)},
      {"x-oss-callback-var", ossbind_encoded_callback_variables_header(callback)}};
  ossbind_sign_headers_request request;
  ossbind_sign_headers_request_init(&request);
  request.method = "PUT";
  request.bucket = getenv("OSS_BUCKET");
  request.key = key;
  request.headers = headers;
  request.header_count = sizeof headers / sizeof *headers;

  ossbind_client_config config; /* of the environment */
  ossbind_client_config_init(&config);
  ossbind_client *client = NULL;
  ossbind_signed *signed_ = NULL;
  ossbind_error *error = NULL;
  if (ossbind_client_new(&config, &client, &error) != OSSBIND_STATUS_OK)
    return fail(error);
  ossbind_status status = ossbind_client_sign_headers(client, &request, &signed_, &error);
  if (status == OSSBIND_STATUS_OK)
    print_curl(signed_, text);
  ossbind_signed_free(signed_);
  ossbind_client_free(client);
  return status == OSSBIND_STATUS_OK ? 0 : fail(error);
}

int main(int argc, char **argv) {
  if (argc != 3) {
    fprintf(stderr, "usage: signed_rest_request KEY TEXT\n");
    return 1;
  }
  const ossbind_pair id = {"x:id", "4'2"};
  ossbind_callback callback;
  ossbind_callback_init(&callback);
  callback.url = getenv("OSS_CALLBACK_URL");
  callback.body = "object=${object}&size=${size}&id=${x:id}";
  callback.variables = &id;
  callback.variable_count = 1;

  ossbind_encoded_callback *encoded = NULL;
  ossbind_error *error = NULL;
  if (ossbind_callback_encode(&callback, &encoded, &error) != OSSBIND_STATUS_OK)
    return fail(error);
  int code = sign(argv[1], argv[2], encoded);
  ossbind_encoded_callback_free(encoded);
  return code;
}
