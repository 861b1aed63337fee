/* Everything that a C program can be given to upload to, careless or hostile: bundles, URLs and forms
 * that were signed elsewhere. The signature in them is the text that no message may repeat. */
#include "refusal.h"

#define SIGNED(...) REQUEST(.bucket = NULL, .key = NULL, __VA_ARGS__)
#define FORM_FIELDS(...) PAIRS(form_fields, form_field_count, __VA_ARGS__)
#define SIGNATURE "x-oss-signature=s3cr3t-text"
#define HOST "http://127.0.0.1:1"
#define URL HOST "/examplebucket/key?" SIGNATURE
/* JSON, as it stands in a literal of C. */
#define BUNDLE(method, url, members) \
  "{\"ossbind\":1,\"method\":\"" method "\",\"url\":\"" url "\"," members "\"expires\":1}"
#define PUT_TO(url) .bundle = BUNDLE("PUT", url, "")
#define PUT_WITH(headers) .bundle = BUNDLE("PUT", URL, "\"headers\":{" headers "},")
#define FORM_WITH(fields) .bundle = BUNDLE("POST", HOST "/", "\"fields\":{" fields "},")
#define SECRET_FIELD "\"x-oss-signature\":\"s3cr3t-text\""
#define GOOD_PUT PUT_WITH("\"content-type\":\"a/b\"")
#define GOOD_FORM FORM_WITH("\"key\":\"k\"," SECRET_FIELD)
#define KEYLESS_FORM FORM_WITH(SECRET_FIELD)
#define GOOD_URL .url = URL
#define SENT_FORM GOOD_URL, FORM_FIELDS({"key", "k"}, {"x-oss-signature", "s3cr3t-text"}) = 2
#define WITH_FIELD(name, value) GOOD_URL, FORM_FIELDS({"key", "k"}, {name, value}) = 2
#define OWN_FORM .flags = OSSBIND_UPLOAD_FORM

struct upload_row {
  ossbind_upload_request request;
  ossbind_status status;
  const char *field;
  const char *part;
};

static int32_t never(void *userdata, uint8_t *buf, size_t cap, size_t *out_n) {
  (void)userdata;
  (void)buf;
  (void)cap;
  (void)out_n;
  return 1;
}

#define READ .data = NULL, .data_len = 0, .body = OSSBIND_BODY_KIND_READ, .read = never
#define TOO_LONG READ, .flags = OSSBIND_UPLOAD_HAS_CONTENT_LENGTH, .content_length = 5368709121u

/* Where the object goes. */
static const struct upload_row destinations[] = {
    {SIGNED(.flags = 0), INVALID, "bucket", "is NULL"},
    {SIGNED(GOOD_PUT, GOOD_URL), INVALID, "url", "together with bundle"},
    {SIGNED(GOOD_PUT, .bucket = "examplebucket"), INVALID, "bucket", "together with bundle"},
    {SIGNED(GOOD_URL, .bucket = "examplebucket"), INVALID, "bucket", "together with url"},
    {SIGNED(GOOD_PUT, OWN_FORM), INVALID, "flags", "FORM"},
    {SIGNED(GOOD_URL, OWN_FORM), INVALID, "flags", "FORM"},
    {SIGNED(GOOD_PUT, .key = "k"), INVALID, "key", "has the name"},
    {SIGNED(GOOD_URL, .key = "k"), INVALID, "key", "url, which has it"},
    {SIGNED(FORM_FIELDS({"key", "k"}) = 1), INVALID, "form_fields", "without url"},
    {REQUEST(OWN_FORM, FORM_FIELDS({"key", "k"}) = 1), INVALID, "form_fields", "without url"},
    {SIGNED(GOOD_FORM, FORM_FIELDS({"a", "b"}) = 1), INVALID, "form_fields",
     "together with bundle"},
    {SIGNED(GOOD_FORM, .key = "k"), INVALID, "key", "bundle has the name"},
    {SIGNED(SENT_FORM, .key = "k"), INVALID, "key", "form_fields has the name"},
    {SIGNED(KEYLESS_FORM), INVALID, "key", "leaves the name of the object to you"},
    {SIGNED(KEYLESS_FORM, .key = ""), INVALID, "key", "is empty"},
    {SIGNED(KEYLESS_FORM, .key = "/k"), INVALID, "key", "slash"},
    {SIGNED(KEYLESS_FORM, .key = "\xff"), INVALID, "key", "not UTF-8"},
    {SIGNED(GOOD_URL, FORM_FIELDS({"key", "k"}) = 0), INVALID, "form_field_count", "is 0"},
    {SIGNED(.bundle = BUNDLE("PUT", URL "&callback=e30%3D",
                             "\"headers\":{\"x-oss-callback\":\"e30=\"},")),
     INVALID, "callback", "the URL has"},
    {SIGNED(GOOD_URL, .form_field_count = 1), INVALID, "form_fields", "form_field_count is 1"},
    {SIGNED(GOOD_URL, FORM_FIELDS({"a", "b"}) = 1001), INVALID, "form_field_count", "1000"},
    {SIGNED(GOOD_URL, FORM_FIELDS({NULL, "b"}) = 1), INVALID, "form_fields[0].name", "is NULL"},
    {SIGNED(GOOD_URL, FORM_FIELDS({"a", NULL}) = 1), INVALID, "form_fields[0].value", "is NULL"},
    {SIGNED(GOOD_URL, FORM_FIELDS({"a", "b"}) = 1), INVALID, "key", "form_fields leaves"},
    {SIGNED(WITH_FIELD("file", "x")), INVALID, "form_fields[1].name", "body of the upload"},
    {SIGNED(WITH_FIELD("FILE", "x")), INVALID, "form_fields[1].name", "body of the upload"},
    {SIGNED(WITH_FIELD("", "x")), INVALID, "form_fields[1].name", "not the name of a form field"},
    {SIGNED(WITH_FIELD("a\"; b=\"", "x")), INVALID, "form_fields[1].name", "not the name"},
    {SIGNED(WITH_FIELD("a\r\nb", "x")), INVALID, "form_fields[1].name", "not the name"},
    {SIGNED(WITH_FIELD("\xc3\xa4", "x")), INVALID, "form_fields[1].name", "not the name"},
    {SIGNED(WITH_FIELD("Key", "other")), INVALID, "form_fields[1].name", "twice"},
    {SIGNED(.bundle = "\xff"), INVALID, "bundle", "not UTF-8"},
    {SIGNED(.url = "\xff"), INVALID, "url", "not UTF-8"},
    {SIGNED(GOOD_PUT, READ), INVALID, "content_length", "not known"},
    {SIGNED(GOOD_FORM, READ), INVALID, "content_length", "not known"},
    {SIGNED(GOOD_URL, READ), INVALID, "content_length", "not known"},
    {REQUEST(OWN_FORM, READ), INVALID, "content_length", "not known"},
    {SIGNED(GOOD_PUT, TOO_LONG), OSSBIND_STATUS_BODY, "body", "5 GiB"},
    {SIGNED(GOOD_FORM, TOO_LONG), OSSBIND_STATUS_BODY, "body", "5 GiB"},
    {SIGNED(GOOD_URL, TOO_LONG), OSSBIND_STATUS_BODY, "body", "5 GiB"},
    {SIGNED(GOOD_PUT, .body = OSSBIND_BODY_KIND_NONE), INVALID, "body", "choose"},
};

/* URLs that are none, or that lead elsewhere than they look. */
static const struct upload_row urls[] = {
    {SIGNED(.url = ""), INVALID, "url", "http(s)://"},
    {SIGNED(.url = "/examplebucket/key?" SIGNATURE), INVALID, "url", "http(s)://"},
    {SIGNED(.url = "127.0.0.1:1"), INVALID, "url", "http(s)://"},
    {SIGNED(.url = "ftp://127.0.0.1:1/?" SIGNATURE), INVALID, "url", "http(s)://"},
    {SIGNED(.url = "file:///etc/passwd"), INVALID, "url", "http(s)://"},
    {SIGNED(.url = "http://"), INVALID, "url", "http(s)://"},
    {SIGNED(.url = "http://:1/"), INVALID, "url", "http(s)://"},
    {SIGNED(.url = "http://me:s3cr3t-text@127.0.0.1:1/"), INVALID, "url", "user name"},
    {SIGNED(.url = URL "\r\nx: y"), INVALID, "url", "percent-encoded"},
    {SIGNED(.url = URL " "), INVALID, "url", "percent-encoded"},
    {SIGNED(.url = URL "\xc3\xa4"), INVALID, "url", "percent-encoded"},
    {SIGNED(.url = URL "#part"), INVALID, "url", "percent-encoded"},
    {SIGNED(.url = "http://127.0.0.1:99999/?" SIGNATURE), INVALID, "url", "port"},
    {SIGNED(.url = "http://127.0.0.1:1x/?" SIGNATURE), INVALID, "url", "port"},
    {SIGNED(.url = "http://127.0.0.1:/?" SIGNATURE), INVALID, "url", "port"},
    {SIGNED(.url = "http://127.0.0.1:0/?" SIGNATURE), INVALID, "url", "port"},
    {SIGNED(.url = "http://[::1/?" SIGNATURE), INVALID, "url", "http(s)://"},
    {SIGNED(.url = URL "&callback=e30%3D", CALLBACK(.flags = 0)), INVALID, "callback",
     "the URL has"},
    {SIGNED(SENT_FORM, .url = "ftp://127.0.0.1:1/"), INVALID, "url", "http(s)://"},
    {SIGNED(GOOD_URL, .content_type = "a\nb"), INVALID, "content_type", "U+000A"},
    {SIGNED(GOOD_URL, .content_md5 = "a"), INVALID, "content_md5", "16 bytes"},
    {SIGNED(GOOD_URL, HEADERS({"Host", "evil"}) = 1), INVALID, "headers[0].name", "endpoint"},
    {SIGNED(GOOD_URL, CALLBACK(.body = "")), BAD_CALLBACK, "callback.body", "is empty"},
};

/* Texts that are no bundles, or that would smuggle something into the request. */
static const struct upload_row bundles[] = {
    {SIGNED(.bundle = ""), INVALID, "bundle", "not JSON"},
    {SIGNED(.bundle = "{\"url\":\"" URL), INVALID, "bundle", "not JSON"},
    {SIGNED(.bundle = URL), INVALID, "bundle", "not JSON"},
    {SIGNED(.bundle = "null"), INVALID, "bundle", "members of a bundle"},
    {SIGNED(.bundle = "[]"), INVALID, "bundle", "members of a bundle"},
    {SIGNED(.bundle = "{}"), INVALID, "bundle", "members of a bundle"},
    {SIGNED(.bundle = "{\"ossbind\":1}"), INVALID, "bundle", "members of a bundle"},
    {SIGNED(.bundle = "{\"ossbind\":\"1\",\"method\":\"PUT\",\"url\":\"" URL "\",\"expires\":1}"),
     INVALID, "bundle", "members of a bundle"},
    {SIGNED(.bundle = "{\"ossbind\":1,\"method\":\"PUT\",\"url\":\"" URL "\"}"), INVALID, "bundle",
     "members of a bundle"},
    {SIGNED(.bundle = "{\"ossbind\":1,\"method\":\"PUT\",\"url\":\"" URL "\",\"expires\":-1}"),
     INVALID, "bundle", "members of a bundle"},
    {SIGNED(.bundle = "{\"ossbind\":2,\"method\":\"PUT\",\"url\":\"" URL "\",\"expires\":1}"),
     UNKNOWN, "bundle", "newer library"},
    {SIGNED(.bundle = "{\"ossbind\":2,\"parts\":[]}"), UNKNOWN, "bundle", "newer library"},
    {SIGNED(.bundle = BUNDLE("GET", URL, "")), INVALID, "bundle", "for a \"GET\" request"},
    {SIGNED(.bundle = BUNDLE("POST", URL, "")), INVALID, "bundle", "for a \"POST\" request"},
    {SIGNED(.bundle = BUNDLE("put", URL, "")), INVALID, "bundle", "for a \"put\" request"},
    {SIGNED(.bundle = BUNDLE("PUT\\r\\nx: y", URL, "")), INVALID, "bundle", "\"PUT\\r\\nx: y\""},
    {SIGNED(.bundle = BUNDLE("GET", URL, "\"fields\":{\"key\":\"k\"},")), INVALID, "bundle",
     "for a \"GET\" request"},
    {SIGNED(.bundle = BUNDLE("PUT", URL, "\"fields\":{\"key\":\"k\"},\"headers\":{\"a\":\"b\"},")),
     INVALID, "bundle", "headers and fields"},
    {SIGNED(PUT_TO("")), INVALID, "bundle", "http(s)://"},
    {SIGNED(PUT_TO("ftp://127.0.0.1:1/?" SIGNATURE)), INVALID, "bundle", "http(s)://"},
    {SIGNED(PUT_TO("http://me:s3cr3t-text@127.0.0.1:1/")), INVALID, "bundle", "user name"},
    {SIGNED(PUT_TO(URL "\\r\\nx: y")), INVALID, "bundle", "percent-encoded"},
    {SIGNED(PUT_TO(URL "\\u0000")), INVALID, "bundle", "percent-encoded"},
    {SIGNED(PUT_TO("http://127.0.0.1:99999/?" SIGNATURE)), INVALID, "bundle", "port"},
    {SIGNED(PUT_WITH("\"a\\r\\nb\":\"c\"")), INVALID, "bundle.headers.name", "not a header name"},
    {SIGNED(PUT_WITH("\"a: b\":\"c\"")), INVALID, "bundle.headers.name", "not a header name"},
    {SIGNED(PUT_WITH("\"\":\"c\"")), INVALID, "bundle.headers.name", "not a header name"},
    {SIGNED(PUT_WITH("\"a\":\"b\\r\\nx: s3cr3t-text\"")), INVALID, "bundle.headers.value",
     "U+000D"},
    {SIGNED(PUT_WITH("\"a\":\"b\\u0000\"")), INVALID, "bundle.headers.value", "U+0000"},
    {SIGNED(PUT_WITH("\"x-oss-meta-a\":\"b\",\"X-Oss-Meta-A\":\"c\"")), INVALID,
     "bundle.headers.name", "twice"},
    {SIGNED(PUT_WITH("\"Connection\":\"evil\"")), INVALID, "bundle.headers.name", "connection"},
    {SIGNED(PUT_WITH("\"authorization\":\"s3cr3t-text\"")), INVALID, "bundle.headers.name",
     "authorization"},
    {SIGNED(PUT_WITH("\"transfer-encoding\":\"chunked\"")), INVALID, "bundle.headers.name",
     "transfer-encoding"},
    {SIGNED(FORM_WITH("\"a\\\"b\":\"c\"")), INVALID, "bundle[0].name", "not the name"},
    {SIGNED(FORM_WITH("\"a\\r\\nb\":\"c\"")), INVALID, "bundle[0].name", "not the name"},
    {SIGNED(FORM_WITH("\"\":\"c\"")), INVALID, "bundle[0].name", "not the name"},
    {SIGNED(FORM_WITH("\"File\":\"c\"")), INVALID, "bundle[0].name", "body of the upload"},
    {SIGNED(FORM_WITH("\"KEY\":\"a\",\"key\":\"b\"")), INVALID, "bundle[1].name", "twice"},
};

/* What the one who signed decides, and what cannot go in one request. */
#define TYPE_AND_METADATA(destination)                                                          \
  {SIGNED(destination, .content_type = "a/b"), INVALID, "content_type", "the one who signs"}, { \
    SIGNED(destination, METADATA({"a", "b"}) = 1), INVALID, "metadata", "the one who signs"     \
  }
#define OWN_PROPERTIES(destination)                                                                \
  {SIGNED(destination, HEADERS({"a", "b"}) = 1), INVALID, "headers", "the one who signs"},         \
      {SIGNED(destination, .storage_class = "IA"), INVALID, "storage_class", "one who signs"},     \
      {SIGNED(destination, .acl = "private"), INVALID, "acl", "the one who signs"},                \
      {SIGNED(destination, .flags = OSSBIND_UPLOAD_FORBID_OVERWRITE), INVALID, "flags",            \
       "FORBID_OVERWRITE"},                                                                        \
      {SIGNED(destination, .flags = OSSBIND_UPLOAD_ONCE), INVALID, "flags", "ONCE"},               \
      {SIGNED(destination, .flags = OSSBIND_UPLOAD_CONTENT_MD5), INVALID, "content_md5", "signs"}, \
      {SIGNED(destination, .content_md5 = "1B2M2Y8AsgTpgAmY7PhCfg=="), INVALID, "content_md5",     \
       "the one who signs"},                                                                       \
  {                                                                                                \
    SIGNED(destination, CALLBACK(.flags = 0)), INVALID, "callback", "the one who signs"            \
  }
#define IN_PARTS(...)                                                                         \
  {REQUEST(__VA_ARGS__, .checkpoint_dir = "/tmp"), INVALID, "checkpoint_dir", "one request"}, \
      {REQUEST(__VA_ARGS__, .multipart_threshold = 1), INVALID, "multipart_threshold",        \
       "one request"},                                                                        \
      {REQUEST(__VA_ARGS__, .part_size = 102400), INVALID, "part_size", "one request"}, {     \
    REQUEST(__VA_ARGS__, .parallel = 1), INVALID, "parallel", "one request"                   \
  }
#define NOWHERE .bucket = NULL, .key = NULL

static const struct upload_row contradictions[] = {
    TYPE_AND_METADATA(GOOD_PUT),
    OWN_PROPERTIES(GOOD_PUT),
    OWN_PROPERTIES(GOOD_FORM),
    {SIGNED(SENT_FORM, .content_type = "a\nb"), INVALID, "content_type", "U+000A"},
    {SIGNED(SENT_FORM, METADATA({"a_b", "c"}) = 1), INVALID, "metadata[0].name", "not supported"},
    {SIGNED(SENT_FORM, CALLBACK(.flags = 0)), INVALID, "callback", "the one who signs"},
    IN_PARTS(NOWHERE, GOOD_PUT),
    IN_PARTS(NOWHERE, GOOD_FORM),
    IN_PARTS(NOWHERE, GOOD_URL),
    IN_PARTS(OWN_FORM),
    {REQUEST(.flags = OSSBIND_UPLOAD_FORM | OSSBIND_UPLOAD_CONTENT_MD5), INVALID, "content_md5",
     "whole form"},
    {REQUEST(OWN_FORM, .content_md5 = "1B2M2Y8AsgTpgAmY7PhCfg=="), INVALID, "content_md5",
     "whole form"},
    {REQUEST(OWN_FORM, .bucket = NULL), INVALID, "bucket", "is NULL"},
    {REQUEST(OWN_FORM, .bucket = "No"), INVALID, "bucket", "3 to 63"},
    {REQUEST(OWN_FORM, .key = NULL), INVALID, "key", "is NULL"},
    {REQUEST(OWN_FORM, .key = ""), INVALID, "key", "is empty"},
    {REQUEST(OWN_FORM, .key = "a${filename}"), INVALID, "key", "${filename}"},
    {REQUEST(OWN_FORM, .content_type = "a\r\nb"), INVALID, "content_type", "U+000D"},
    {REQUEST(OWN_FORM, HEADERS({"x-oss-tagging", "a=b"}) = 1), INVALID, "headers", "x-oss-tagging"},
    {REQUEST(OWN_FORM, HEADERS({"Accept", "x"}) = 1), INVALID, "headers", "would be lost"},
    {REQUEST(OWN_FORM, METADATA({"a", "\n"}) = 1), INVALID, "metadata[0].value", "U+000A"},
    {REQUEST(OWN_FORM, CALLBACK(.url = "")), BAD_CALLBACK, "callback.url", "is empty"},
    {REQUEST(OWN_FORM, CALLBACK(VARIABLES({"x:A", "b"}) = 1)), BAD_CALLBACK,
     "callback.variables[0].name", "uppercase"},
};

static void upload_row(const ossbind_client *client, const struct upload_row *row) {
  ossbind_upload_result *result = POISON;
  ossbind_error *error = NULL;
  ossbind_status status = ossbind_client_upload(client, &row->request, &result, &error);
  CHECK(result == NULL);
  check_error(error, row->status, row->field, row->part);
  CHECK(status == row->status);
  ossbind_error_free(error);
  CHECK(ossbind_client_upload(client, &row->request, NULL, NULL) == row->status);
}

/* The bases of the rows are valid: only the network fails, and it tells no signature. */
static void bases_are_valid(const ossbind_client *client) {
  const ossbind_upload_request requests[] = {SIGNED(GOOD_PUT), SIGNED(GOOD_FORM), SIGNED(GOOD_URL),
                                             SIGNED(SENT_FORM), SIGNED(KEYLESS_FORM, .key = "k")};
  for (size_t i = 0; i < sizeof requests / sizeof *requests; i++) {
    ossbind_error *error = NULL;
    CHECK(ossbind_client_upload(client, &requests[i], NULL, &error) == OSSBIND_STATUS_TRANSPORT);
    CHECK(ossbind_error_advice(error) == OSSBIND_ADVICE_AGAIN);
    CHECK(!strstr(ossbind_error_message(error), "s3cr3t-text"));
    ossbind_error_free(error);
  }
}

/* A text that is too long for a literal: `head`, then `item` `count` times, each with its number in
 * place of %zu, then `tail`. */
static char *repeated(const char *head, const char *item, size_t count, const char *tail) {
  char *text = malloc(strlen(head) + count * (strlen(item) + 20) + strlen(tail) + 1);
  CHECK(text != NULL);
  char *end = text + sprintf(text, "%s", head);
  for (size_t i = 0; i < count; i++)
    end +=
        sprintf(end, "%.*s%zu%s", (int)(strchr(item, '#') - item), item, i, strchr(item, '#') + 1);
  strcpy(end, tail);
  return text;
}

static void too_much(const ossbind_client *client) {
  static const struct {
    const char *head, *item;
    size_t count;
    const char *tail, *part;
  } rows[] = {
      {"{\"ossbind\":1,\"method\":\"PUT\",\"url\":\"" URL "\",\"headers\":{\"a\":\"b\"",
       ",\"a#\":\"1\"", 15000, "},\"expires\":1}", "headers"},
      {"{\"ossbind\":1,\"method\":\"POST\",\"url\":\"" HOST "/\",\"fields\":{\"key\":\"k\"",
       ",\"a#\":\"1\"", 15000, "},\"expires\":1}", "200 fields"},
      {"{\"ossbind\":1,\"method\":\"PUT\",\"url\":\"" URL "\",\"expires\":1,\"x\":\"", "#" K256,
       1024, "\"}", "256 KiB"},
      {"{\"ossbind\":1,\"method\":\"PUT\",\"url\":\"" URL, "#" K256, 64, "\",\"expires\":1}",
       "16 KiB"},
      {"{\"ossbind\":1,\"method\":\"", "#" K256, 256, "\",\"url\":\"" URL "\",\"expires\":1}",
       "request"},
      {"{\"ossbind\":1,\"x\":", "[#,", 20000, "", "not JSON"},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    char *bundle = repeated(rows[i].head, rows[i].item, rows[i].count, rows[i].tail);
    const struct upload_row row = {SIGNED(.bundle = bundle), INVALID, "bundle", rows[i].part};
    upload_row(client, &row);
    free(bundle);
  }
  char *url = repeated(URL, "#" K256, 64, "");
  const struct upload_row row = {SIGNED(.url = url), INVALID, "url", "16 KiB"};
  upload_row(client, &row);
  free(url);

  ossbind_pair fields[300] = {{"key", "k"}};
  char *names = repeated("", "a# ", 300, "");
  char *name = strtok(names, " ");
  for (size_t i = 1; i < 300; i++, name = strtok(NULL, " ")) {
    const ossbind_pair field = {name, K1024};
    fields[i] = field;
  }
  struct upload_row many = {SIGNED(GOOD_URL, .form_fields = fields, .form_field_count = 201),
                            INVALID, "form_fields", "201 fields"};
  upload_row(client, &many);
  for (size_t i = 1; i < 100; i++)
    fields[i].value = K4095;
  many.request.form_field_count = 100;
  many.part = "262144 bytes";
  upload_row(client, &many);
  free(names);
}

static void without_keys(const ossbind_client *client) {
  const struct upload_row rows[] = {
      {REQUEST(.flags = 0), NO_CREDENTIALS, "access_key_id", "NO_KEYS"},
      {REQUEST(OWN_FORM), NO_CREDENTIALS, "access_key_id", "NO_KEYS"},
  };
  upload_row(client, &rows[0]);
  upload_row(client, &rows[1]);
}

int main(void) {
  size_t count = 0;
  ossbind_client *client = new_client(0);
  EACH(destinations, upload_row);
  EACH(contradictions, upload_row);
  ossbind_client_free(client);
  client = new_client(OSSBIND_CLIENT_NO_KEYS);
  EACH(urls, upload_row);
  EACH(bundles, upload_row);
  bases_are_valid(client);
  too_much(client);
  without_keys(client);
  ossbind_client_free(client);
  printf("%zu rows of bad input were refused\n", count);
  return 0;
}
