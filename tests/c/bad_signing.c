/* Everything that a C program can get wrong with what it wants signed: URLs, requests and forms. */
#include "refusal.h"

#define PRESIGN(...)                                                                         \
  {                                                                                          \
    .struct_size = sizeof(ossbind_presign_request), .bucket = "examplebucket", .key = "key", \
    __VA_ARGS__                                                                              \
  }
#define SIGN(...) \
  { .struct_size = sizeof(ossbind_sign_request), .method = "GET", __VA_ARGS__ }
#define POLICY(...)                                                                              \
  {                                                                                              \
    .struct_size = sizeof(ossbind_post_policy_request), .bucket = "examplebucket", .key = "key", \
    __VA_ARGS__                                                                                  \
  }
#define QUERY(...) PAIRS(query, query_count, __VA_ARGS__)
#define FIELDS(...) PAIRS(fields, field_count, __VA_ARGS__)
#define TYPES(...) .content_types = (const char *const[]){__VA_ARGS__}, .content_type_count
#define OPERATION(name) .operation = OSSBIND_OPERATION_##name

struct presign_row {
  ossbind_presign_request request;
  ossbind_status status;
  const char *field;
  const char *part; /* of the message */
};

static const struct presign_row presign_rows[] = {
    {PRESIGN(.struct_size = 0), INVALID, "presign_request.struct_size",
     "ossbind_presign_request_init"},
    {PRESIGN(.struct_size = 16), INVALID, "presign_request.struct_size", "is 16"},
    {PRESIGN(.bucket = NULL), INVALID, "bucket", "is NULL"},
    {PRESIGN(.bucket = "No"), INVALID, "bucket", "3 to 63"},
    {PRESIGN(.key = NULL), INVALID, "key", "is NULL"},
    {PRESIGN(.key = "/key"), INVALID, "key", "slash"},
    {PRESIGN(.key = "\xff"), INVALID, "key", "not UTF-8"},
    {PRESIGN(OPERATION(GET_OBJECT), METADATA({"a", "b"}) = 1), INVALID, "metadata", "PUT_OBJECT"},
    {PRESIGN(OPERATION(HEAD_OBJECT), .storage_class = "IA"), INVALID, "storage_class",
     "PUT_OBJECT"},
    {PRESIGN(.operation = 8), UNKNOWN, "operation", "8 is not known"},
    {PRESIGN(.flags = 4), UNKNOWN, "flags", "0x4"},
    {PRESIGN(.flags = OSSBIND_PRESIGN_CALLBACK_IN_HEADERS), INVALID, "flags",
     "CALLBACK_IN_HEADERS"},
    {PRESIGN(OPERATION(GET_OBJECT), .flags = OSSBIND_PRESIGN_FORBID_OVERWRITE), INVALID, "flags",
     "FORBID_OVERWRITE"},
    {PRESIGN(OPERATION(UPLOAD_PART), .upload_id = "a", .part_number = 1,
             .flags = OSSBIND_PRESIGN_FORBID_OVERWRITE),
     INVALID, "flags", "FORBID_OVERWRITE"},
    {PRESIGN(.expires_in_s = 604801), INVALID, "expires_in_s", "604800"},
    {PRESIGN(.part_number = 1), INVALID, "part_number", "not UPLOAD_PART"},
    {PRESIGN(OPERATION(UPLOAD_PART), .upload_id = "a"), INVALID, "part_number", "1 to 10000"},
    {PRESIGN(OPERATION(UPLOAD_PART), .upload_id = "a", .part_number = 10001), INVALID,
     "part_number", "is 10001"},
    {PRESIGN(OPERATION(UPLOAD_PART), .part_number = 1), INVALID, "upload_id", "is NULL"},
    {PRESIGN(OPERATION(LIST_PARTS)), INVALID, "upload_id", "is NULL"},
    {PRESIGN(OPERATION(COMPLETE_MULTIPART_UPLOAD), .upload_id = ""), INVALID, "upload_id",
     "is empty"},
    {PRESIGN(OPERATION(ABORT_MULTIPART_UPLOAD), .upload_id = "\xff"), INVALID, "upload_id",
     "not UTF-8"},
    {PRESIGN(OPERATION(INITIATE_MULTIPART_UPLOAD), .upload_id = "a"), INVALID, "upload_id",
     "has none"},
    {PRESIGN(.content_type = ""), INVALID, "content_type", "is empty"},
    {PRESIGN(.content_type = "a/b\r\nx: y"), INVALID, "content_type", "U+000D"},
    {PRESIGN(.content_md5 = "abc"), INVALID, "content_md5", "16 bytes"},
    {PRESIGN(.metadata_count = 1), INVALID, "metadata", "metadata_count is 1"},
    {PRESIGN(METADATA({"a_b", "c"}) = 1), INVALID, "metadata[0].name", "'_'"},
    {PRESIGN(METADATA({"a", "b\r\nc: d"}) = 1), INVALID, "metadata[0].value", "U+000D"},
    {PRESIGN(METADATA({"a", K4095}, {"b", K4095}) = 2), INVALID, "metadata", "8192"},
    {PRESIGN(HEADERS({"a\r\nb", "c"}) = 1), INVALID, "headers[0].name", "not a header name"},
    {PRESIGN(HEADERS({"Host", "evil"}) = 1), INVALID, "headers[0].name", "endpoint and bucket"},
    {PRESIGN(HEADERS({"x-oss-callback", "e30="}) = 1), INVALID, "headers[0].name", "use callback"},
    {PRESIGN(HEADERS({"X-Oss-Date", "x"}) = 1), INVALID, "headers[0].name", "signature"},
    {PRESIGN(.storage_class = "IA "), INVALID, "storage_class", "space"},
    {PRESIGN(.acl = "\n"), INVALID, "acl", "U+000A"},
    {PRESIGN(.query_count = 1), INVALID, "query", "query_count is 1"},
    {PRESIGN(QUERY({"a", "b"}) = 1001), INVALID, "query_count", "1000"},
    {PRESIGN(QUERY({NULL, "b"}) = 1), INVALID, "query[0].name", "is NULL"},
    {PRESIGN(QUERY({"a", NULL}) = 1), INVALID, "query[0].value", "is NULL"},
    {PRESIGN(QUERY({"", "b"}) = 1), INVALID, "query[0].name", "is empty"},
    {PRESIGN(QUERY({"a", "1"}, {"a", "2"}) = 2), INVALID, "query[1].name", "twice"},
    {PRESIGN(QUERY({"x-oss-expires", "1"}) = 1), INVALID, "query[0].name", "x-oss-expires"},
    {PRESIGN(QUERY({"Signature", "s3cr3t-text"}) = 1), INVALID, "query[0].name", "Signature"},
    {PRESIGN(QUERY({"callback", "e30="}) = 1), INVALID, "query[0].name", "use callback"},
    {PRESIGN(QUERY({"callback-var", "e30="}) = 1), INVALID, "query[0].name", "use callback"},
    {PRESIGN(OPERATION(UPLOAD_PART), .upload_id = "a", .part_number = 1,
             QUERY({"uploadId", "b"}) = 1),
     INVALID, "query[0].name", "twice"},
    {PRESIGN(OPERATION(GET_OBJECT), CALLBACK(.flags = 0)), INVALID, "callback", "PUT_OBJECT"},
    {PRESIGN(OPERATION(INITIATE_MULTIPART_UPLOAD), CALLBACK(.flags = 0)), INVALID, "callback",
     "COMPLETE_MULTIPART_UPLOAD"},
    {PRESIGN(CALLBACK(.struct_size = 0)), INVALID, "callback.struct_size", "init"},
    {PRESIGN(CALLBACK(.url = "")), BAD_CALLBACK, "callback.url", "is empty"},
};

struct sign_row {
  ossbind_sign_request request;
  ossbind_status status;
  const char *field;
  const char *part;
};

static const struct sign_row sign_rows[] = {
    {SIGN(.struct_size = 1), INVALID, "sign_request.struct_size", "ossbind_sign_request_init"},
    {SIGN(.method = NULL), INVALID, "method", "is NULL"},
    {SIGN(.method = ""), INVALID, "method", "uppercase"},
    {SIGN(.method = "get"), INVALID, "method", "uppercase"},
    {SIGN(.method = "GET / HTTP/1.1\r\nx: y"), INVALID, "method", "uppercase"},
    {SIGN(.method = "\xff"), INVALID, "method", "not UTF-8"},
    {SIGN(.key = "key"), INVALID, "bucket", "key is"},
    {SIGN(.bucket = ""), INVALID, "bucket", "3 to 63"},
    {SIGN(.bucket = "examplebucket", .key = ""), INVALID, "key", "is empty"},
    {SIGN(.bucket = "examplebucket", .key = "\\"), INVALID, "key", "slash"},
    {SIGN(.query_count = 1), INVALID, "query", "query_count is 1"},
    {SIGN(QUERY({NULL, ""}) = 1), INVALID, "query[0].name", "is NULL"},
    {SIGN(QUERY({"", ""}) = 1), INVALID, "query[0].name", "is empty"},
    {SIGN(QUERY({"acl", ""}, {"acl", ""}) = 2), INVALID, "query[1].name", "twice"},
    {SIGN(QUERY({"x-oss-signature", "s3cr3t-text"}) = 1), INVALID, "query[0].name",
     "x-oss-signature"},
    {SIGN(.header_count = 1), INVALID, "headers", "header_count is 1"},
    {SIGN(HEADERS({"a\nb", "c"}) = 1), INVALID, "headers[0].name", "not a header name"},
    {SIGN(HEADERS({"a", "b\nc"}) = 1), INVALID, "headers[0].value", "U+000A"},
    {SIGN(HEADERS({"a", ""}) = 1), INVALID, "headers[0].value", "is empty"},
    {SIGN(HEADERS({"a", "b"}, {"A", "b"}) = 2), INVALID, "headers[1].name", "twice"},
    {SIGN(HEADERS({"Authorization", "x"}) = 1), INVALID, "headers[0].name", "credentials"},
    {SIGN(HEADERS({"Date", "x"}) = 1), INVALID, "headers[0].name", "signature"},
    {SIGN(HEADERS({"x-oss-security-token", "s3cr3t-text"}) = 1), INVALID, "headers[0].name",
     "credentials"},
};

struct policy_row {
  ossbind_post_policy_request request;
  ossbind_status status;
  const char *field;
  const char *part;
};

static const struct policy_row policy_rows[] = {
    {POLICY(.struct_size = 0), INVALID, "post_policy_request.struct_size",
     "ossbind_post_policy_request_init"},
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

static void presign_row(const ossbind_client *client, const struct presign_row *row) {
  ossbind_signed_request *made = POISON;
  ossbind_error *error = NULL;
  ossbind_status status = ossbind_client_presign(client, &row->request, &made, &error);
  CHECK(made == NULL);
  check_error(error, row->status, row->field, row->part);
  CHECK(status == row->status);
  ossbind_error_free(error);
  CHECK(ossbind_client_presign(client, &row->request, &made, NULL) == row->status);
}

static void sign_row(const ossbind_client *client, const struct sign_row *row) {
  ossbind_signed_request *made = POISON;
  ossbind_error *error = NULL;
  ossbind_status status = ossbind_client_sign(client, &row->request, &made, &error);
  CHECK(made == NULL);
  check_error(error, row->status, row->field, row->part);
  CHECK(status == row->status);
  ossbind_error_free(error);
  CHECK(ossbind_client_sign(client, &row->request, &made, NULL) == row->status);
}

static void policy_row(const ossbind_client *client, const struct policy_row *row) {
  ossbind_post_form *made = POISON;
  ossbind_error *error = NULL;
  ossbind_status status = ossbind_client_post_policy(client, &row->request, &made, &error);
  CHECK(made == NULL);
  check_error(error, row->status, row->field, row->part);
  CHECK(status == row->status);
  ossbind_error_free(error);
  CHECK(ossbind_client_post_policy(client, &row->request, &made, NULL) == row->status);
}

/* A client without keys signs nothing, and takes none. */
static void without_keys(void) {
  const struct presign_row presign = {PRESIGN(.flags = 0), NO_CREDENTIALS, "access_key_id",
                                      "NO_KEYS"};
  const struct sign_row sign = {SIGN(.bucket = NULL), NO_CREDENTIALS, "access_key_id", "NO_KEYS"};
  const struct policy_row policy = {POLICY(.flags = 0), NO_CREDENTIALS, "access_key_id", "NO_KEYS"};
  ossbind_client *client = new_client(OSSBIND_CLIENT_NO_KEYS);
  presign_row(client, &presign);
  sign_row(client, &sign);
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
  const ossbind_presign_request presign = PRESIGN(.flags = 0);
  const ossbind_sign_request sign = SIGN(.bucket = NULL);
  const ossbind_post_policy_request policy = POLICY(.flags = 0);
  ossbind_signed_request *signed_ = POISON;
  ossbind_post_form *form = POISON;
  ossbind_error *error = NULL;
#define REFUSED(call, field)                     \
  CHECK((call) == INVALID);                      \
  check_error(error, INVALID, field, "is NULL"); \
  ossbind_error_free(error)
  REFUSED(ossbind_client_presign(NULL, &presign, &signed_, &error), "client");
  CHECK(signed_ == NULL);
  REFUSED(ossbind_client_presign(client, NULL, &signed_, &error), "presign_request");
  REFUSED(ossbind_client_presign(client, &presign, NULL, &error), "out_signed");
  signed_ = POISON;
  REFUSED(ossbind_client_sign(NULL, &sign, &signed_, &error), "client");
  CHECK(signed_ == NULL);
  REFUSED(ossbind_client_sign(client, NULL, &signed_, &error), "sign_request");
  REFUSED(ossbind_client_sign(client, &sign, NULL, &error), "out_signed");
  REFUSED(ossbind_client_post_policy(NULL, &policy, &form, &error), "client");
  CHECK(form == NULL);
  REFUSED(ossbind_client_post_policy(client, NULL, &form, &error), "post_policy_request");
  REFUSED(ossbind_client_post_policy(client, &policy, NULL, &error), "out_form");
  CHECK(ossbind_client_presign(NULL, NULL, NULL, NULL) == INVALID);
  CHECK(ossbind_client_sign(NULL, NULL, NULL, NULL) == INVALID);
  CHECK(ossbind_client_post_policy(NULL, NULL, NULL, NULL) == INVALID);
}

int main(void) {
  size_t count = 0;
  ossbind_client *client = new_client(0);
  EACH(presign_rows, presign_row);
  EACH(sign_rows, sign_row);
  EACH(policy_rows, policy_row);
  null_arguments(client);
  without_keys();
  ossbind_client_free(client);
  printf("%zu rows of bad input were refused\n", count);
  return 0;
}
