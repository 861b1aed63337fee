/* Everything that a C program can get wrong with what it wants signed: URLs, requests and forms. */
#include "refusal.h"

#define SIGN_URL(...)                                                                         \
  {                                                                                           \
    .struct_size = sizeof(ossbind_sign_url_request), .bucket = "examplebucket", .key = "key", \
    __VA_ARGS__                                                                               \
  }
#define SIGN_HEADERS(...) \
  { .struct_size = sizeof(ossbind_sign_headers_request), .method = "GET", __VA_ARGS__ }
#define POLICY(...)                                                                            \
  {                                                                                            \
    .struct_size = sizeof(ossbind_sign_form_request), .bucket = "examplebucket", .key = "key", \
    __VA_ARGS__                                                                                \
  }
#define QUERY(...) PAIRS(query, query_count, __VA_ARGS__)
#define ADDITIONAL(...) \
  .additional_headers = (const char *const[]){__VA_ARGS__}, .additional_header_count
#define FIELDS(...) PAIRS(fields, field_count, __VA_ARGS__)
#define TYPES(...) .content_types = (const char *const[]){__VA_ARGS__}, .content_type_count
#define OPERATION(name) .operation = OSSBIND_OPERATION_##name

struct sign_url_row {
  ossbind_sign_url_request request;
  ossbind_status status;
  const char *field;
  const char *part; /* of the message */
};

static const struct sign_url_row sign_url_rows[] = {
    {SIGN_URL(.struct_size = 0), INVALID, "sign_url_request.struct_size",
     "ossbind_sign_url_request_init"},
    {SIGN_URL(.struct_size = 16), INVALID, "sign_url_request.struct_size", "is 16"},
    {SIGN_URL(.bucket = NULL), INVALID, "bucket", "is NULL"},
    {SIGN_URL(.bucket = "No"), INVALID, "bucket", "3 to 63"},
    {SIGN_URL(.key = NULL), INVALID, "key", "is NULL"},
    {SIGN_URL(.key = "/key"), INVALID, "key", "slash"},
    {SIGN_URL(.key = "\xff"), INVALID, "key", "not UTF-8"},
    {SIGN_URL(OPERATION(GET_OBJECT), METADATA({"a", "b"}) = 1), INVALID, "metadata", "PUT_OBJECT"},
    {SIGN_URL(OPERATION(HEAD_OBJECT), .storage_class = "IA"), INVALID, "storage_class",
     "PUT_OBJECT"},
    {SIGN_URL(.operation = 8), UNKNOWN, "operation", "8 is not known"},
    {SIGN_URL(.flags = 8), UNKNOWN, "flags", "0x8"},
    {SIGN_URL(.flags = OSSBIND_SIGN_URL_CALLBACK_IN_HEADERS), INVALID, "flags",
     "CALLBACK_IN_HEADERS"},
    {SIGN_URL(OPERATION(GET_OBJECT), .flags = OSSBIND_SIGN_URL_FORBID_OVERWRITE), INVALID, "flags",
     "FORBID_OVERWRITE"},
    {SIGN_URL(OPERATION(UPLOAD_PART), .upload_id = "a", .part_number = 1,
              .flags = OSSBIND_SIGN_URL_FORBID_OVERWRITE),
     INVALID, "flags", "FORBID_OVERWRITE"},
    {SIGN_URL(.expires_in_s = 604801), INVALID, "expires_in_s", "604800"},
    {SIGN_URL(.part_number = 1), INVALID, "part_number", "not UPLOAD_PART"},
    {SIGN_URL(OPERATION(UPLOAD_PART), .upload_id = "a"), INVALID, "part_number", "1 to 10000"},
    {SIGN_URL(OPERATION(UPLOAD_PART), .upload_id = "a", .part_number = 10001), INVALID,
     "part_number", "is 10001"},
    {SIGN_URL(OPERATION(UPLOAD_PART), .part_number = 1), INVALID, "upload_id", "is not set"},
    {SIGN_URL(OPERATION(LIST_PARTS)), INVALID, "upload_id", "is not set"},
    {SIGN_URL(OPERATION(COMPLETE_MULTIPART_UPLOAD), .upload_id = ""), INVALID, "upload_id",
     "is empty"},
    {SIGN_URL(OPERATION(ABORT_MULTIPART_UPLOAD), .upload_id = "\xff"), INVALID, "upload_id",
     "not UTF-8"},
    {SIGN_URL(OPERATION(INITIATE_MULTIPART_UPLOAD), .upload_id = "a"), INVALID, "upload_id",
     "has none"},
    {SIGN_URL(.content_type = ""), INVALID, "content_type", "is empty"},
    {SIGN_URL(.content_type = "a/b\r\nx: y"), INVALID, "content_type", "U+000D"},
    {SIGN_URL(.content_md5 = "abc"), INVALID, "content_md5", "16 bytes"},
    {SIGN_URL(.metadata_count = 1), INVALID, "metadata", "metadata_count is 1"},
    {SIGN_URL(METADATA({"a_b", "c"}) = 1), INVALID, "metadata[0].name", "'_'"},
    {SIGN_URL(METADATA({"a", "b\r\nc: d"}) = 1), INVALID, "metadata[0].value", "U+000D"},
    {SIGN_URL(METADATA({"a", K4095}, {"b", K4095}) = 2), INVALID, "metadata", "8192"},
    {SIGN_URL(HEADERS({"a\r\nb", "c"}) = 1), INVALID, "headers[0].name", "not a header name"},
    {SIGN_URL(HEADERS({"Host", "evil"}) = 1), INVALID, "headers[0].name", "endpoint and bucket"},
    {SIGN_URL(HEADERS({"x-oss-callback", "e30="}) = 1), INVALID, "headers[0].name", "use callback"},
    {SIGN_URL(HEADERS({"X-Oss-Date", "x"}) = 1), INVALID, "headers[0].name", "signature"},
    {SIGN_URL(.additional_header_count = 1), INVALID, "additional_headers",
     "additional_header_count is 1"},
    {SIGN_URL(ADDITIONAL(NULL) = 1), INVALID, "additional_headers[0]", "is NULL"},
    {SIGN_URL(ADDITIONAL("\xff") = 1), INVALID, "additional_headers[0]", "not UTF-8"},
    {SIGN_URL(ADDITIONAL("host", "range") = 2), INVALID, "additional_headers[1]", "no value"},
    {SIGN_URL(ADDITIONAL("") = 1), INVALID, "additional_headers[0]", "no value"},
    {SIGN_URL(HEADERS({"Content-Length", "1"}) = 1), INVALID, "headers[0].name", "length of"},
    {SIGN_URL(HEADERS({"Host", "h"}) = 1, ADDITIONAL("host") = 1), INVALID, "headers[0].name",
     "endpoint and bucket"},
    {SIGN_URL(.storage_class = "IA "), INVALID, "storage_class", "space"},
    {SIGN_URL(.acl = "\n"), INVALID, "acl", "U+000A"},
    {SIGN_URL(.query_count = 1), INVALID, "query", "query_count is 1"},
    {SIGN_URL(QUERY({"a", "b"}) = 1001), INVALID, "query_count", "1000"},
    {SIGN_URL(QUERY({NULL, "b"}) = 1), INVALID, "query[0].name", "is NULL"},
    {SIGN_URL(QUERY({"a", NULL}) = 1), INVALID, "query[0].value", "is NULL"},
    {SIGN_URL(QUERY({"", "b"}) = 1), INVALID, "query[0].name", "is empty"},
    {SIGN_URL(QUERY({"a", "1"}, {"a", "2"}) = 2), INVALID, "query[1].name", "twice"},
    {SIGN_URL(QUERY({"x-oss-expires", "1"}) = 1), INVALID, "query[0].name", "x-oss-expires"},
    {SIGN_URL(QUERY({"Signature", "s3cr3t-text"}) = 1), INVALID, "query[0].name", "Signature"},
    {SIGN_URL(QUERY({"callback", "e30="}) = 1), INVALID, "query[0].name", "use callback"},
    {SIGN_URL(QUERY({"callback-var", "e30="}) = 1), INVALID, "query[0].name", "use callback"},
    {SIGN_URL(OPERATION(UPLOAD_PART), .upload_id = "a", .part_number = 1,
              QUERY({"uploadId", "b"}) = 1),
     INVALID, "query[0].name", "twice"},
    {SIGN_URL(OPERATION(GET_OBJECT), CALLBACK(.flags = 0)), INVALID, "callback", "PUT_OBJECT"},
    {SIGN_URL(OPERATION(INITIATE_MULTIPART_UPLOAD), CALLBACK(.flags = 0)), INVALID, "callback",
     "COMPLETE_MULTIPART_UPLOAD"},
    {SIGN_URL(CALLBACK(.struct_size = 0)), INVALID, "callback.struct_size", "init"},
    {SIGN_URL(CALLBACK(.url = "")), BAD_CALLBACK, "callback.url", "is empty"},
};

struct sign_headers_row {
  ossbind_sign_headers_request request;
  ossbind_status status;
  const char *field;
  const char *part;
};

static const struct sign_headers_row sign_headers_rows[] = {
    {SIGN_HEADERS(.struct_size = 1), INVALID, "sign_headers_request.struct_size",
     "ossbind_sign_headers_request_init"},
    {SIGN_HEADERS(.method = NULL), INVALID, "method", "is NULL"},
    {SIGN_HEADERS(.method = ""), INVALID, "method", "uppercase"},
    {SIGN_HEADERS(.method = "get"), INVALID, "method", "uppercase"},
    {SIGN_HEADERS(.method = "GET / HTTP/1.1\r\nx: y"), INVALID, "method", "uppercase"},
    {SIGN_HEADERS(.method = "\xff"), INVALID, "method", "not UTF-8"},
    {SIGN_HEADERS(.key = "key"), INVALID, "bucket", "key is"},
    {SIGN_HEADERS(.bucket = ""), INVALID, "bucket", "3 to 63"},
    {SIGN_HEADERS(.bucket = "examplebucket", .key = ""), INVALID, "key", "is empty"},
    {SIGN_HEADERS(.bucket = "examplebucket", .key = "\\"), INVALID, "key", "slash"},
    {SIGN_HEADERS(.query_count = 1), INVALID, "query", "query_count is 1"},
    {SIGN_HEADERS(QUERY({NULL, ""}) = 1), INVALID, "query[0].name", "is NULL"},
    {SIGN_HEADERS(QUERY({"", ""}) = 1), INVALID, "query[0].name", "is empty"},
    {SIGN_HEADERS(QUERY({"acl", ""}, {"acl", ""}) = 2), INVALID, "query[1].name", "twice"},
    {SIGN_HEADERS(QUERY({"x-oss-signature", "s3cr3t-text"}) = 1), INVALID, "query[0].name",
     "x-oss-signature"},
    {SIGN_HEADERS(.additional_header_count = 1), INVALID, "additional_headers",
     "additional_header_count is 1"},
    {SIGN_HEADERS(ADDITIONAL("content-length") = 1), INVALID, "additional_headers[0]", "no value"},
    {SIGN_HEADERS(HEADERS({"Connection", "x"}) = 1, ADDITIONAL("connection") = 1), INVALID,
     "headers[0].name", "library's"},
    {SIGN_HEADERS(.header_count = 1), INVALID, "headers", "header_count is 1"},
    {SIGN_HEADERS(HEADERS({"a\nb", "c"}) = 1), INVALID, "headers[0].name", "not a header name"},
    {SIGN_HEADERS(HEADERS({"a", "b\nc"}) = 1), INVALID, "headers[0].value", "U+000A"},
    {SIGN_HEADERS(HEADERS({"a", ""}) = 1), INVALID, "headers[0].value", "is empty"},
    {SIGN_HEADERS(HEADERS({"a", "b"}, {"A", "b"}) = 2), INVALID, "headers[1].name", "twice"},
    {SIGN_HEADERS(HEADERS({"Authorization", "x"}) = 1), INVALID, "headers[0].name", "credentials"},
    {SIGN_HEADERS(HEADERS({"Date", "x"}) = 1), INVALID, "headers[0].name", "signature"},
    {SIGN_HEADERS(HEADERS({"x-oss-security-token", "s3cr3t-text"}) = 1), INVALID, "headers[0].name",
     "credentials"},
};

struct policy_row {
  ossbind_sign_form_request request;
  ossbind_status status;
  const char *field;
  const char *part;
};

static const struct policy_row policy_rows[] = {
    {POLICY(.struct_size = 0), INVALID, "sign_form_request.struct_size",
     "ossbind_sign_form_request_init"},
    {POLICY(.bucket = NULL), INVALID, "bucket", "is NULL"},
    {POLICY(.bucket = "a.b.c"), INVALID, "bucket", "lowercase"},
    {POLICY(.key = NULL), INVALID, "key", "key_prefix"},
    {POLICY(.key = ""), INVALID, "key", "is empty"},
    {POLICY(.key_prefix = "dir/"), INVALID, "key_prefix", "together with key"},
    {POLICY(.key = NULL, .key_prefix = "/dir"), INVALID, "key_prefix", "slash"},
    {POLICY(.key = NULL, .key_prefix = K1024), INVALID, "key_prefix", "1023"},
    {POLICY(.key = NULL, .key_prefix = "\xff"), INVALID, "key_prefix", "not UTF-8"},
    {POLICY(.flags = 2), UNKNOWN, "flags", "0x2"},
    {POLICY(.expires_in_s = 604801), INVALID, "expires_in_s", "7 days"},
    {POLICY(.max_size = 5368709121u), INVALID, "max_size", "5 GiB"},
    {POLICY(.min_size = 2, .max_size = 1), INVALID, "min_size", "max_size (1)"},
    {POLICY(.min_size = UINT64_MAX), INVALID, "min_size", "max_size (5368709120)"},
    {POLICY(.content_type_count = 1), INVALID, "content_types", "content_type_count is 1"},
    {POLICY(TYPES("a/b") = 1001), INVALID, "content_type_count", "1000"},
    {POLICY(TYPES("a/b", NULL) = 2), INVALID, "content_types[1]", "is NULL"},
    {POLICY(TYPES("") = 1), INVALID, "content_types[0]", "is empty"},
    {POLICY(TYPES("a/b", "c/*") = 2), INVALID, "content_types[1]", "goes alone"},
    {POLICY(TYPES("a/b\r\n") = 1), INVALID, "content_types[0]", "U+000D"},
    {POLICY(TYPES("\xff") = 1), INVALID, "content_types[0]", "not UTF-8"},
    {POLICY(CALLBACK(.body = "a=${typo}")), BAD_CALLBACK, "callback.body", "typo"},
    {POLICY(.field_count = 1), INVALID, "fields", "field_count is 1"},
    {POLICY(FIELDS({NULL, "a"}) = 1), INVALID, "fields[0].name", "is NULL"},
    {POLICY(FIELDS({"a", NULL}) = 1), INVALID, "fields[0].value", "is NULL"},
    {POLICY(FIELDS({"", "a"}) = 1), INVALID, "fields[0].name", "not the name of a form field"},
    {POLICY(FIELDS({"a\"b", "c"}) = 1), INVALID, "fields[0].name", "not the name of a form field"},
    {POLICY(FIELDS({"a\r\nb", "c"}) = 1), INVALID, "fields[0].name",
     "not the name of a form field"},
    {POLICY(FIELDS({"a", "b\r\nc"}) = 1), INVALID, "fields[0].value", "U+000D"},
    {POLICY(FIELDS({"a", "b"}, {"A", "b"}) = 2), INVALID, "fields[1].name", "twice"},
    {POLICY(FIELDS({"Key", "a"}) = 1), INVALID, "fields[0].name", "key_prefix"},
    {POLICY(FIELDS({"file", "a"}) = 1), INVALID, "fields[0].name", "sends the form"},
    {POLICY(FIELDS({"policy", "a"}) = 1), INVALID, "fields[0].name", "the library makes it"},
    {POLICY(FIELDS({"X-Oss-Credential", "a"}) = 1), INVALID, "fields[0].name", "credentials"},
    {POLICY(FIELDS({"callback", "e30="}) = 1), INVALID, "fields[0].name", "use callback"},
    {POLICY(FIELDS({"x:a", "b"}) = 1), INVALID, "fields[0].name", "variables of callback"},
    {POLICY(FIELDS({"Content-Type", "a/b"}) = 1), INVALID, "fields[0].name", "content_types"},
    {POLICY(FIELDS({"x-oss-tagging", "a=b"}) = 1), INVALID, "fields[0].name", "does not take"},
    {POLICY(FIELDS({"x-oss-forbid-overwrite", "true"}) = 1), INVALID, "fields[0].name",
     "FORBID_OVERWRITE"},
    {POLICY(.conditions = ""), INVALID, "conditions", "not a JSON array"},
    {POLICY(.conditions = "{}"), INVALID, "conditions", "not a JSON array"},
    {POLICY(.conditions = "[\"eq\"]"), INVALID, "conditions[0]", "neither"},
    {POLICY(.conditions = "[[\"eq\",\"$a\",\"b\"],[\"eq\",\"$a\"]]"), INVALID, "conditions[1]",
     "neither"},
    {POLICY(.conditions = "[{\"a\":\"b\",\"c\":\"d\"}]"), INVALID, "conditions[0]", "neither"},
    {POLICY(.conditions = "[]],[["), INVALID, "conditions", "not a JSON array"},
    {POLICY(.conditions = "\xff"), INVALID, "conditions", "not UTF-8"},
};

static void sign_url_row(const ossbind_client *client, const struct sign_url_row *row) {
  ossbind_signed *made = POISON;
  ossbind_error *error = NULL;
  ossbind_status status = ossbind_client_sign_url(client, &row->request, &made, &error);
  CHECK(made == NULL);
  check_error(error, row->status, row->field, row->part);
  CHECK(status == row->status);
  ossbind_error_free(error);
  CHECK(ossbind_client_sign_url(client, &row->request, &made, NULL) == row->status);
}

static void sign_headers_row(const ossbind_client *client, const struct sign_headers_row *row) {
  ossbind_signed *made = POISON;
  ossbind_error *error = NULL;
  ossbind_status status = ossbind_client_sign_headers(client, &row->request, &made, &error);
  CHECK(made == NULL);
  check_error(error, row->status, row->field, row->part);
  CHECK(status == row->status);
  ossbind_error_free(error);
  CHECK(ossbind_client_sign_headers(client, &row->request, &made, NULL) == row->status);
}

static void policy_row(const ossbind_client *client, const struct policy_row *row) {
  ossbind_signed *made = POISON;
  ossbind_error *error = NULL;
  ossbind_status status = ossbind_client_sign_form(client, &row->request, &made, &error);
  CHECK(made == NULL);
  check_error(error, row->status, row->field, row->part);
  CHECK(status == row->status);
  ossbind_error_free(error);
  CHECK(ossbind_client_sign_form(client, &row->request, &made, NULL) == row->status);
}

/* A client without keys signs nothing, and takes none. */
static void without_keys(void) {
  const struct sign_url_row sign_url = {SIGN_URL(.flags = 0), NO_CREDENTIALS, "access_key_id",
                                        "NO_KEYS"};
  const struct sign_headers_row sign = {SIGN_HEADERS(.bucket = NULL), NO_CREDENTIALS,
                                        "access_key_id", "NO_KEYS"};
  const struct policy_row policy = {POLICY(.flags = 0), NO_CREDENTIALS, "access_key_id", "NO_KEYS"};
  ossbind_client *client = new_client(OSSBIND_CLIENT_NO_KEYS);
  sign_url_row(client, &sign_url);
  sign_headers_row(client, &sign);
  policy_row(client, &policy);
  ossbind_client_free(client);

  static const char *const fields[] = {"endpoint", "region", "access_key_id"};
  ossbind_client_config config = CONFIG(.flags = OSSBIND_CLIENT_NO_KEYS);
  for (size_t i = 0; i < 3; i++) {
    ossbind_error *error = NULL;
    client = POISON;
    CHECK(ossbind_client_new(&config, &client, &error) == INVALID && client == NULL);
    check_error(error, INVALID, fields[i], "without keys");
    ossbind_error_free(error);
    if (i == 0)
      config.endpoint = NULL;
    else
      config.region = NULL;
  }
}

static void null_arguments(const ossbind_client *client) {
  const ossbind_sign_url_request sign_url = SIGN_URL(.flags = 0);
  const ossbind_sign_headers_request sign = SIGN_HEADERS(.bucket = NULL);
  const ossbind_sign_form_request policy = POLICY(.flags = 0);
  ossbind_signed *signed_ = POISON;
  ossbind_signed *form = POISON;
  ossbind_error *error = NULL;
#define REFUSED(call, field)                     \
  CHECK((call) == INVALID);                      \
  check_error(error, INVALID, field, "is NULL"); \
  ossbind_error_free(error)
  REFUSED(ossbind_client_sign_url(NULL, &sign_url, &signed_, &error), "client");
  CHECK(signed_ == NULL);
  REFUSED(ossbind_client_sign_url(client, NULL, &signed_, &error), "sign_url_request");
  REFUSED(ossbind_client_sign_url(client, &sign_url, NULL, &error), "out_signed");
  signed_ = POISON;
  REFUSED(ossbind_client_sign_headers(NULL, &sign, &signed_, &error), "client");
  CHECK(signed_ == NULL);
  REFUSED(ossbind_client_sign_headers(client, NULL, &signed_, &error), "sign_headers_request");
  REFUSED(ossbind_client_sign_headers(client, &sign, NULL, &error), "out_signed");
  REFUSED(ossbind_client_sign_form(NULL, &policy, &form, &error), "client");
  CHECK(form == NULL);
  REFUSED(ossbind_client_sign_form(client, NULL, &form, &error), "sign_form_request");
  REFUSED(ossbind_client_sign_form(client, &policy, NULL, &error), "out_signed");
  CHECK(ossbind_client_sign_url(NULL, NULL, NULL, NULL) == INVALID);
  CHECK(ossbind_client_sign_headers(NULL, NULL, NULL, NULL) == INVALID);
  CHECK(ossbind_client_sign_form(NULL, NULL, NULL, NULL) == INVALID);
}

int main(void) {
  size_t count = 0;
  ossbind_client *client = new_client(0);
  EACH(sign_url_rows, sign_url_row);
  EACH(sign_headers_rows, sign_headers_row);
  EACH(policy_rows, policy_row);
  null_arguments(client);
  without_keys();
  ossbind_client_free(client);
  printf("%zu rows of bad input were refused\n", count);
  return 0;
}
