/* Everything that a C program can get wrong: each row has the status and a message that names the
 * field, and nothing crashes. What is about signing stands in bad_signing.c and bad_destinations.c. */
#define _POSIX_C_SOURCE 200809L

#include "refusal.h"

#include <sys/stat.h>
#include <unistd.h>

struct config_row {
  ossbind_client_config config;
  ossbind_status status;
  const char *field;
  const char *part; /* of the message */
};

static int32_t no_credentials(void *userdata, ossbind_credentials_sink *sink) {
  (void)userdata;
  (void)sink;
  return 1;
}

#define NO_KEYS .access_key_id = NULL, .access_key_secret = NULL

static const struct config_row config_rows[] = {
    {CONFIG(.struct_size = 0), INVALID, "client_config.struct_size", "ossbind_client_config_init"},
    {CONFIG(.struct_size = 8), INVALID, "client_config.struct_size", "is 8"},
    {CONFIG(.struct_size = (size_t)-1), INVALID, "client_config.struct_size", "init"},
    {CONFIG(.endpoint = ""), INVALID, "endpoint", "not a host name"},
    {CONFIG(.endpoint = "\xff\xfe"), INVALID, "endpoint", "byte 0 is 0xFF"},
    {CONFIG(.endpoint = "ftp://host"), INVALID, "endpoint", "not http or https"},
    {CONFIG(.endpoint = "http://host/path"), INVALID, "endpoint", "no path"},
    {CONFIG(.endpoint = "http://host:99999"), INVALID, "endpoint", "65535"},
    {CONFIG(.endpoint = "http://host\r\nx: y"), INVALID, "endpoint", "port"},
    {CONFIG(.endpoint = "http://me:pass@host"), INVALID, "endpoint", "user name"},
    {CONFIG(.endpoint = "b.oss-cn-hangzhou.aliyuncs.com"), INVALID, "endpoint", "bucket name"},
    {CONFIG(.region = ""), INVALID, "region", "not a region id"},
    {CONFIG(.region = "cn hangzhou"), INVALID, "region", "not a region id"},
    {CONFIG(.region = "cn-hangzhou-internal"), INVALID, "region", "the flag INTERNAL"},
    {CONFIG(.region = "cn-beijing", .endpoint = "oss-cn-hangzhou.aliyuncs.com"), INVALID,
     "endpoint", "is not in region \"cn-beijing\""},
    {CONFIG(.region = NULL), INVALID, "region", "signature V4 needs it"},
    {CONFIG(.region = "\xc3"), INVALID, "region", "not UTF-8"},
    {CONFIG(.access_key_id = ""), INVALID, "access_key_id", "is empty"},
    {CONFIG(.access_key_id = NULL), INVALID, "access_key_id", "is NULL"},
    {CONFIG(.access_key_secret = NULL), INVALID, "access_key_secret", "is NULL"},
    {CONFIG(.access_key_secret = ""), INVALID, "access_key_secret", "is empty"},
    {CONFIG(.access_key_secret = "s3cr3t-text\n"), INVALID, "access_key_secret", "at byte 11"},
    {CONFIG(.access_key_secret = "s3cr3t-text\xff"), INVALID, "access_key_secret", "not UTF-8"},
    {CONFIG(.security_token = "a\r\nb: c"), INVALID, "security_token", "at byte 1"},
    {CONFIG(.access_key_id = NULL, .access_key_secret = NULL, .security_token = "t"), INVALID,
     "access_key_id", "security_token is set"},
    {CONFIG(.signature_version = 3), UNKNOWN, "signature_version", "3 is not known"},
    {CONFIG(.flags = 0x80000000u), UNKNOWN, "flags", "0x80000000"},
    {CONFIG(.flags = OSSBIND_CLIENT_CNAME | OSSBIND_CLIENT_PATH_STYLE), INVALID, "endpoint",
     "path style"},
    {CONFIG(.endpoint = NULL, .flags = OSSBIND_CLIENT_INTERNAL | OSSBIND_CLIENT_DUAL_STACK),
     INVALID, "flags", "at most one"},
    {CONFIG(.network_proxy = "socks4://h:1"), INVALID, "network_proxy", "socks5h"},
    {CONFIG(.network_proxy = "\xff"), INVALID, "network_proxy", "not UTF-8"},
    {CONFIG(.network_no_proxy = "\xff"), INVALID, "network_no_proxy", "not UTF-8"},
    {CONFIG(.network_source = "no/interface"), INVALID, "network_source", "no/interface"},
    {CONFIG(TLS(.struct_size = 1)), INVALID, "tls_config.struct_size", "ossbind_tls_config_init"},
    {CONFIG(TLS(.flags = 2)), UNKNOWN, "tls.flags", "0x2"},
    {CONFIG(TLS(.ca_file = "/no/such/file")), INVALID, "tls.ca_file", "cannot be read"},
    {CONFIG(TLS(.ca_file = "/dev/zero")), INVALID, "tls.ca_file", "not a regular file"},
    {CONFIG(TLS(.client_certificate_file = "/dev/zero")), INVALID, "tls.client_certificate",
     "not a regular file"},
    {CONFIG(TLS(.ca_file = "\xff\xfe")), INVALID, "tls.ca_file", "cannot be read"},
    {CONFIG(TLS(.ca_dir = "/no/such/folder")), INVALID, "tls.ca_dir", "/no/such/folder"},
    {CONFIG(TLS(.ca_pem = "nonsense")), INVALID, "tls.ca_pem", "certificate"},
    {CONFIG(TLS(.pins = (const char *const[]){"short"}, .pin_count = 1)), INVALID, "tls.pins",
     "SHA-256"},
    {CONFIG(TLS(.pins = NULL, .pin_count = 1)), INVALID, "tls.pins", "is NULL"},
    {CONFIG(TLS(.client_certificate_file = "/no/such/file")), INVALID, "tls.client_certificate",
     "/no/such"},
    {CONFIG(TLS(.client_key_file = "/no/such/file")), INVALID, "tls.client_certificate_file",
     "is not set"},
    {CONFIG(TLS(.client_certificate_file = "a", .client_certificate_pem = "b")), INVALID,
     "tls.client_certificate_pem", "use one of them"},
    {CONFIG(TLS(.client_certificate_pem = "nonsense")), INVALID, "tls.client_certificate",
     "certificate"},
    {CONFIG(NO_KEYS, CREDENTIALS(.struct_size = 8)), INVALID, "credentials_config.struct_size",
     "ossbind_credentials_config_init"},
    {CONFIG(CREDENTIALS(.kind = 9)), INVALID, "access_key_id", "together with credentials.kind"},
    {CONFIG(NO_KEYS, CREDENTIALS(.kind = 9)), UNKNOWN, "credentials.kind", "9 is not known"},
    {CONFIG(NO_KEYS, CREDENTIALS(.reserved = 1)), UNKNOWN, "credentials.reserved", "0x1"},
    {CONFIG(NO_KEYS, CREDENTIALS(.argument = "a")), INVALID, "credentials.argument", "is another;"},
    {CONFIG(NO_KEYS, CREDENTIALS(.file = "a", .kind = OSSBIND_CREDENTIALS_KIND_URI)), INVALID,
     "credentials.file", "is another;"},
    {CONFIG(NO_KEYS, CREDENTIALS(.kind = OSSBIND_CREDENTIALS_KIND_FUNCTION)), INVALID,
     "credentials.function", "is NULL"},
    {CONFIG(NO_KEYS, CREDENTIALS(.function = no_credentials)), INVALID, "credentials.function",
     "is another;"},
    {CONFIG(.log_level = 9), UNKNOWN, "log_level", "9 is not known"},
    {CONFIG(.flags = OSSBIND_CLIENT_KEEP_CLOCK, .clock_limit_s = 1), INVALID, "clock_limit_s",
     "KEEP_CLOCK"},
    {CONFIG(.user_agent = "a\r\nb"), INVALID, "user_agent", "control"},
};

static int32_t endless(void *userdata, uint8_t *buf, size_t cap, size_t *out_n) {
  (void)userdata;
  memset(buf, 0, cap);
  *out_n = cap;
  return 0;
}

#define URL_QUERY(...) PAIRS(url_query, url_query_count, __VA_ARGS__)
#define BODY_FIELDS(...) PAIRS(body_fields, body_field_count, __VA_ARGS__)
#define NO_DATA .data = NULL, .data_len = 0
#define FILE_BODY NO_DATA, .body = OSSBIND_BODY_KIND_FILE
#define READ NO_DATA, .body = OSSBIND_BODY_KIND_READ
#define HAS_LENGTH .flags = OSSBIND_UPLOAD_HAS_CONTENT_LENGTH, .content_length
struct request_row {
  ossbind_upload_request request;
  ossbind_status status;
  const char *field;
  const char *part;
  const char *ec;
};

static const struct request_row request_rows[] = {
    {REQUEST(.traffic_limit_bits_per_s = 819199), INVALID, "traffic_limit_bits_per_s", "819 200",
     NULL},
    {REQUEST(.traffic_limit_bits_per_s = 838860801), INVALID, "traffic_limit_bits_per_s", "838 860",
     NULL},
    {REQUEST(.struct_size = 0), INVALID, "upload_request.struct_size", "init", NULL},
    {REQUEST(.struct_size = 64), INVALID, "upload_request.struct_size", "is 64", NULL},
    {REQUEST(.struct_size = 1u << 20), INVALID, "upload_request.struct_size", "init", NULL},
    {REQUEST(.bucket = NULL), INVALID, "bucket", "is NULL", NULL},
    {REQUEST(.bucket = ""), INVALID, "bucket", "3 to 63", NULL},
    {REQUEST(.bucket = "Uppercase"), INVALID, "bucket", "lowercase", NULL},
    {REQUEST(.bucket = "a/../b"), INVALID, "bucket", "lowercase", NULL},
    {REQUEST(.bucket = "-bucket"), INVALID, "bucket", "begins", NULL},
    {REQUEST(.bucket = "\xff\xff\xff"), INVALID, "bucket", "not UTF-8", NULL},
    {REQUEST(.bucket = K256), INVALID, "bucket", "256 bytes", NULL},
    {REQUEST(.key = NULL), INVALID, "key", "is NULL", NULL},
    {REQUEST(.key = ""), INVALID, "key", "is empty", NULL},
    {REQUEST(.key = "/key"), INVALID, "key", "slash", NULL},
    {REQUEST(.key = "\\key"), INVALID, "key", "slash", NULL},
    {REQUEST(.key = "ok\xc3\x28"), INVALID, "key", "byte 2 is 0xC3", NULL},
    {REQUEST(.key = K1024), INVALID, "key", "1023", NULL},
    {REQUEST(.body = OSSBIND_BODY_KIND_NONE), INVALID, "body", "choose", NULL},
    {REQUEST(.body = 99), UNKNOWN, "body", "99 is not known", NULL},
    {REQUEST(.flags = 0x100), UNKNOWN, "flags", "0x100", NULL},
    {REQUEST(.data = NULL), INVALID, "data", "data_len is 1", NULL},
    {REQUEST(.data_len = 0), INVALID, "data_len", "data is set", NULL},
    {REQUEST(.file_path = "/tmp/x"), INVALID, "file_path", "another kind", NULL},
    {REQUEST(.data_len = (size_t)-1), INVALID, "data_len", "memory", NULL},
    {REQUEST(FILE_BODY), INVALID, "file_path", "is NULL", NULL},
    {REQUEST(FILE_BODY, .file_path = ""), OSSBIND_STATUS_BODY, "file_path", "cannot be opened",
     NULL},
    {REQUEST(FILE_BODY, .file_path = "/no/such"), OSSBIND_STATUS_BODY, "file_path", "/no/such",
     NULL},
    {REQUEST(FILE_BODY, .file_path = "/"), OSSBIND_STATUS_BODY, "file_path", "not a regular file",
     NULL},
    {REQUEST(FILE_BODY, .file_path = "/proc/self/status"), OSSBIND_STATUS_BODY, "file_path", "size",
     NULL},
    {REQUEST(FILE_BODY, .file_path = "/dev/zero"), OSSBIND_STATUS_BODY, "file_path",
     "not a regular file", NULL},
    {REQUEST(.checkpoint_dir = ""), INVALID, "checkpoint_dir", "is empty", NULL},
    {REQUEST(.flags = OSSBIND_UPLOAD_REQUIRE_CHECKPOINT), INVALID, "checkpoint_dir", "is not set",
     NULL},
    {REQUEST(READ), INVALID, "read", "is NULL", NULL},
    {REQUEST(.part_size = 102399), INVALID, "part_size", "100 KiB", NULL},
    {REQUEST(.part_size = 5368709121u), INVALID, "part_size", "5 GiB", NULL},
    {REQUEST(.multipart_threshold = 5368709121u), INVALID, "multipart_threshold", "5 GiB", NULL},
    {REQUEST(.parallel = 65), INVALID, "parallel", "64", NULL},
    {REQUEST(READ, .read = endless, HAS_LENGTH = UINT64_MAX), INVALID, "body", "10 000 parts",
     NULL},
    {REQUEST(READ, .read = endless, .content_length = 1,
             .flags = OSSBIND_UPLOAD_HAS_CONTENT_LENGTH | OSSBIND_UPLOAD_CONTENT_MD5),
     INVALID, "rewind", "Content-MD5", NULL},
    {REQUEST(.content_type = ""), INVALID, "content_type", "is empty", NULL},
    {REQUEST(.content_type = "a/b\r\nx-oss-object-acl: public-read"), INVALID, "content_type",
     "U+000D) at byte 3", NULL},
    {REQUEST(.content_type = "a/b "), INVALID, "content_type", "space", NULL},
    {REQUEST(.content_type = "\xff"), INVALID, "content_type", "not UTF-8", NULL},
    {REQUEST(.content_md5 = "abc"), INVALID, "content_md5", "16 bytes", NULL},
    {REQUEST(.content_md5 = "1B2M2Y8AsgTpgAmY7PhCfg==", .flags = OSSBIND_UPLOAD_CONTENT_MD5),
     INVALID, "content_md5", "one of them", NULL},
    {REQUEST(.storage_class = "IA\n"), INVALID, "storage_class", "U+000A", NULL},
    {REQUEST(.acl = "\x01"), INVALID, "acl", "U+0001", NULL},
    {REQUEST(.metadata_count = 1), INVALID, "metadata", "metadata_count is 1", NULL},
    {REQUEST(METADATA({"a", "b"}) = (size_t)-1), INVALID, "metadata_count", "1000", NULL},
    {REQUEST(METADATA({NULL, "b"}) = 1), INVALID, "metadata[0].name", "is NULL", NULL},
    {REQUEST(METADATA({"a", NULL}) = 1), INVALID, "metadata[0].value", "is NULL", NULL},
    {REQUEST(METADATA({"a_b", "c"}) = 1), INVALID, "metadata[0].name", "'_'", NULL},
    {REQUEST(METADATA({"a", "b\r\nc: d"}) = 1), INVALID, "metadata[0].value", "U+000D", NULL},
    {REQUEST(METADATA({"A", "1"}, {"x-oss-meta-a", "2"}) = 2), INVALID, "metadata[1].name", "twice",
     NULL},
    {REQUEST(METADATA({"a", K4095}, {"b", K4095}) = 2), INVALID, "metadata", "8192", NULL},
    {REQUEST(.header_count = 1), INVALID, "headers", "header_count is 1", NULL},
    {REQUEST(HEADERS({"", "b"}) = 1), INVALID, "headers[0].name", "not a header name", NULL},
    {REQUEST(HEADERS({"a b", "c"}) = 1), INVALID, "headers[0].name", "not a header name", NULL},
    {REQUEST(HEADERS({"a:b", "c"}) = 1), INVALID, "headers[0].name", "not a header name", NULL},
    {REQUEST(HEADERS({"Cache-Control", "a\nb"}) = 1), INVALID, "headers[0].value", "U+000A", NULL},
    {REQUEST(HEADERS({"HOST", "evil"}) = 1), INVALID, "headers[0].name", "endpoint and bucket",
     NULL},
    {REQUEST(HEADERS({"Authorization", "x"}) = 1), INVALID, "headers[0].name", "credentials", NULL},
    {REQUEST(HEADERS({"Content-Length", "0"}) = 1), INVALID, "headers[0].name", "body", NULL},
    {REQUEST(HEADERS({"Transfer-Encoding", "chunked"}) = 1), INVALID, "headers[0].name", "sends",
     NULL},
    {REQUEST(HEADERS({"x-oss-meta-a", "b"}) = 1), INVALID, "headers[0].name", "use metadata", NULL},
    {REQUEST(HEADERS({"a", "b"}, {"A", "c"}) = 2), INVALID, "headers[1].name", "twice", NULL},
    {REQUEST(CALLBACK(.struct_size = 0)), INVALID, "callback.struct_size", "init", NULL},
    {REQUEST(CALLBACK(.flags = 2)), UNKNOWN, "callback.flags", "0x2", NULL},
    {REQUEST(CALLBACK(.reserved = 1)), UNKNOWN, "callback.reserved", "0x1", NULL},
    {REQUEST(CALLBACK(.body_type = 2)), UNKNOWN, "callback.body_type", "2 is not known", NULL},
    {REQUEST(CALLBACK(.sni = 3)), UNKNOWN, "callback.sni", "3 is not known", NULL},
    {REQUEST(CALLBACK(.url = NULL)), INVALID, "callback.url", "is NULL", NULL},
    {REQUEST(CALLBACK(.body = NULL)), INVALID, "callback.body", "is NULL", NULL},
    {REQUEST(CALLBACK(.url = "")), BAD_CALLBACK, "callback.url", "is empty", "0007-00000004"},
    {REQUEST(CALLBACK(.url = "a;b;c;d;e;f")), BAD_CALLBACK, "callback.url", "6 URLs",
     "0007-00000005"},
    {REQUEST(CALLBACK(.url = "http://[::1]/")), BAD_CALLBACK, "callback.url", "(at byte 7)",
     "0007-00000004"},
    {REQUEST(CALLBACK(.url = "http://a/\r\nx: y")), BAD_CALLBACK, "callback.url", "0x0D",
     "0007-00000004"},
    {REQUEST(CALLBACK(.url = "http://a\xff/")), INVALID, "callback.url", "not UTF-8", NULL},
    {REQUEST(CALLBACK(.url = "http://a/b;c")), BAD_CALLBACK, "callback.url", "%3B", NULL},
    {REQUEST(CALLBACK(.url = "http://a/${object}")), BAD_CALLBACK, "callback.url", "body only",
     NULL},
    {REQUEST(CALLBACK(.host = "http://a")), BAD_CALLBACK, "callback.host", "scheme",
     "0007-00000009"},
    {REQUEST(CALLBACK(.host = "a b")), BAD_CALLBACK, "callback.host", "a b", "0007-00000009"},
    {REQUEST(CALLBACK(.body = "")), BAD_CALLBACK, "callback.body", "is empty", "0007-00000011"},
    {REQUEST(CALLBACK(.body = "cost=$5")), BAD_CALLBACK, "callback.body", "(at byte 5)",
     "0007-00000105"},
    {REQUEST(CALLBACK(.body = "a=${typo}")), BAD_CALLBACK, "callback.body", "typo", NULL},
    {REQUEST(CALLBACK(.body = "{\"a\":\"${object}\"}", .body_type = OSSBIND_BODY_TYPE_JSON)),
     BAD_CALLBACK, "callback.body", "not JSON", NULL},
    {REQUEST(CALLBACK(.body = "{\"a\":${imageInfo.width}}", .body_type = OSSBIND_BODY_TYPE_JSON)),
     BAD_CALLBACK, "callback.body", "no image", NULL},
    {REQUEST(CALLBACK(.body = "{\"\xc3\xa9\n\":1}", .body_type = OSSBIND_BODY_TYPE_JSON)),
     BAD_CALLBACK, "callback.body", "not JSON", NULL},
    {REQUEST(CALLBACK(.body = K4095)), BAD_CALLBACK, "callback", "5120", "0007-00000001"},
    {REQUEST(CALLBACK(VARIABLES({"x:a", K4095}) = 1)), BAD_CALLBACK, "callback.variables", "5120",
     "0007-00000101"},
    {REQUEST(CALLBACK(VARIABLES({"a", "b"}) = 1)), BAD_CALLBACK, "callback.variables[0].name",
     "x:", "0007-00000103"},
    {REQUEST(CALLBACK(VARIABLES({"x:A", "b"}) = 1)), BAD_CALLBACK, "callback.variables[0].name",
     "uppercase", "0007-00000103"},
    {REQUEST(CALLBACK(VARIABLES({"x:a", NULL}) = 1)), INVALID, "callback.variables[0].value",
     "is NULL", NULL},
    {REQUEST(CALLBACK(.variable_count = 1)), INVALID, "callback.variables", "variable_count", NULL},
    {REQUEST(CALLBACK(.url_query_count = 1)), INVALID, "callback.url_query", "url_query_count",
     NULL},
    {REQUEST(CALLBACK(URL_QUERY({"", "a"}) = 1)), BAD_CALLBACK, "callback.url_query[0].name",
     "is empty", NULL},
    {REQUEST(CALLBACK(URL_QUERY({"a", NULL}) = 1)), INVALID, "callback.url_query[0].value",
     "is NULL", NULL},
    {REQUEST(CALLBACK(BODY_FIELDS({"a", "b"}) = 1)), INVALID, "callback.body",
     "together with callback.body_fields", NULL},
    {REQUEST(CALLBACK(.body = NULL, .body_field_count = 1)), INVALID, "callback.body_fields",
     "body_field_count", NULL},
    {REQUEST(CALLBACK(.body = NULL, BODY_FIELDS({"", "a"}) = 1)), BAD_CALLBACK,
     "callback.body_fields[0].name", "is empty", NULL},
    {REQUEST(CALLBACK(.body = NULL, BODY_FIELDS({"a", "b"}, {"a", "${size"}) = 2)), BAD_CALLBACK,
     "callback.body_fields[1].value", "(at byte 0)", "0007-00000105"},
    {REQUEST(CALLBACK(.body = NULL, BODY_FIELDS({"a", "${typo}"}) = 1)), BAD_CALLBACK,
     "callback.body_fields[0].value", "typo", NULL},
    {REQUEST(
         CALLBACK(.body = NULL, BODY_FIELDS({"a", "b"}) = 1, .body_type = OSSBIND_BODY_TYPE_JSON)),
     BAD_CALLBACK, "callback.body_fields", "JSON", NULL},
    {REQUEST(CALLBACK(.variables_parameter = "{\"x:a\":1}")), BAD_CALLBACK,
     "callback.variables_parameter", "object of texts", "0007-00000103"},
    {REQUEST(CALLBACK(.variables_parameter = "{\"x:a\":\"1\"} x")), BAD_CALLBACK,
     "callback.variables_parameter", "object of texts", "0007-00000103"},
    {REQUEST(CALLBACK(.variables_parameter = "no Base64")), BAD_CALLBACK,
     "callback.variables_parameter", "nor Base64", "0007-00000103"},
    {REQUEST(CALLBACK(.variables_parameter = "{\"a\":\"1\"}")), BAD_CALLBACK,
     "callback.variables[0].name", "x:", "0007-00000103"},
    {REQUEST(CALLBACK(.variables_parameter = "{}", VARIABLES({"x:a", "b"}) = 1)), INVALID,
     "callback.variables", "together with callback.variables_parameter", NULL},
    {REQUEST(CALLBACK(.variables_parameter = "\xff")), INVALID, "callback.variables_parameter",
     "not UTF-8", NULL},
    {REQUEST(CALLBACK(.url = NULL, .body = NULL, URL_QUERY({"a", "b"}) = 1, .parameter = "{}")),
     INVALID, "callback.url_query_count", "together with callback.parameter", NULL},
    {REQUEST(PARAMETER("eyJjYWxsYmFja1VybCI6MX0=")), BAD_CALLBACK,
     "callback.parameter: callbackUrl", "must be a string", "0007-00000004"},
    {REQUEST(HEADERS({"x-oss-callback", "e30="}) = 1), BAD_CALLBACK,
     "callback.parameter: callbackUrl", "is missing", "0007-00000004"},
    {REQUEST(HEADERS({"x-oss-callback", "no"}) = 1), BAD_CALLBACK, "callback.parameter",
     "nor Base64", "0007-00000003"},
    {REQUEST(HEADERS({"x-oss-callback-var", "e30="}) = 1), INVALID, "headers",
     "of no use without x-oss-callback", NULL},
    {REQUEST(HEADERS({"x-oss-callback", "e30="}, {"X-OSS-Callback", "e30="}) = 2), INVALID,
     "headers", "given twice", NULL},
    {REQUEST(CALLBACK(.flags = 0), HEADERS({"x-oss-callback", "e30="}) = 1), INVALID,
     "headers[0].name", "use callback", NULL},
    {REQUEST(.reserved = 1), UNKNOWN, "reserved", "0x1", NULL},
    {REQUEST(CALLBACK(.parameter = "{}")), INVALID, "callback.url",
     "together with callback.parameter", NULL},
    {REQUEST(PARAMETER("{")), BAD_CALLBACK, "callback.parameter", "not a JSON object",
     "0007-00000003"},
    {REQUEST(PARAMETER("{\"callbackUrl\":\"https://a\",\"callbackBody\":\"a\"}")), BAD_CALLBACK,
     "callback.parameter: callbackSNI", "is missing", NULL},
    {REQUEST(PARAMETER("{\"callbackurl\":\"http://a\"}")), BAD_CALLBACK, "callback.parameter",
     "it is written callbackUrl", NULL},
    {REQUEST(PARAMETER("{\"callbackBody\":\"a\"}")), BAD_CALLBACK,
     "callback.parameter: callbackUrl", "missing", "0007-00000004"},
    {REQUEST(PARAMETER("\xff")), INVALID, "callback.parameter", "not UTF-8", NULL},
};

static void config_row(const struct config_row *row) {
  ossbind_client *client = (ossbind_client *)"poison";
  ossbind_error *error = NULL;
  CHECK(ossbind_client_new(&row->config, &client, &error) == row->status);
  CHECK(client == NULL);
  check_error(error, row->status, row->field, row->part);
  ossbind_error_free(error);
  /* An error that nobody wants is no leak. */
  CHECK(ossbind_client_new(&row->config, &client, NULL) == row->status);
}

/* To open a FIFO must not wait for its writer, who never comes. */
static void fifo_rows(void) {
  char folder[] = "/tmp/ossbind-fifo-XXXXXX";
  CHECK(mkdtemp(folder) != NULL);
  char path[sizeof folder + 8];
  snprintf(path, sizeof path, "%s/fifo", folder);
  CHECK(mkfifo(path, 0600) == 0);
  const struct config_row rows[] = {
      {CONFIG(TLS(.ca_file = path)), INVALID, "tls.ca_file", "not a regular file"},
      {CONFIG(TLS(.client_certificate_file = path)), INVALID, "tls.client_certificate",
       "not a regular file"},
      {CONFIG(TLS(.ca_dir = folder)), INVALID, "tls.ca_dir", "no file with a certificate"},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    config_row(&rows[i]);
  CHECK(unlink(path) == 0 && rmdir(folder) == 0);
}

static void request_row(const ossbind_client *client, const struct request_row *row) {
  ossbind_upload_result *result = (ossbind_upload_result *)"poison";
  ossbind_error *error = NULL;
  ossbind_status status = ossbind_client_upload(client, &row->request, &result, &error);
  CHECK(result == NULL);
  check_error(error, row->status, row->field, row->part);
  CHECK(status == row->status);
  const char *ec = ossbind_error_ec(error);
  CHECK(row->ec ? ec && strcmp(ec, row->ec) == 0 : ec == NULL);
  ossbind_error_free(error);
  CHECK(ossbind_client_upload(client, &row->request, NULL, NULL) == row->status);
}

/* The base of the rows is valid: only the network fails. */
static void base_is_valid(const ossbind_client *client) {
  ossbind_upload_request request = REQUEST(CALLBACK(.flags = 0));
  ossbind_error *error = NULL;
  CHECK(ossbind_client_upload(client, &request, NULL, &error) == OSSBIND_STATUS_TRANSPORT);
  CHECK(ossbind_error_advice(error) == OSSBIND_ADVICE_AGAIN);
  ossbind_error_free(error);
}

static void null_arguments(const ossbind_client *client) {
  ossbind_client_config config = CONFIG(.flags = 0);
  ossbind_upload_request request = REQUEST(.flags = 0);
  ossbind_error *error = NULL;
  CHECK(ossbind_client_new(&config, NULL, &error) == INVALID);
  check_error(error, INVALID, "out_client", "NULL");
  ossbind_error_free(error);
  CHECK(ossbind_client_upload(NULL, &request, NULL, &error) == INVALID);
  check_error(error, INVALID, "client", "NULL");
  ossbind_error_free(error);
  CHECK(ossbind_client_upload(client, NULL, NULL, &error) == INVALID);
  check_error(error, INVALID, "upload_request", "NULL");
  ossbind_error_free(error);
  CHECK(ossbind_upload(&config, NULL, NULL, &error) == INVALID);
  check_error(error, INVALID, "upload_request", "NULL");
  ossbind_error_free(error);

  ossbind_callback callback;
  ossbind_callback_init(&callback);
  ossbind_encoded_callback *encoded = NULL;
  CHECK(ossbind_callback_encode(NULL, &encoded, &error) == INVALID);
  check_error(error, INVALID, "callback", "NULL");
  ossbind_error_free(error);
  CHECK(ossbind_callback_encode(&callback, NULL, &error) == INVALID);
  check_error(error, INVALID, "out_encoded", "NULL");
  ossbind_error_free(error);
}

static void questions(const ossbind_client *client) {
#define QUESTION(...)                                                                          \
  {                                                                                            \
    .struct_size = sizeof(ossbind_find_request), .bucket = "examplebucket", .key = "k",        \
    .body = OSSBIND_BODY_KIND_MEMORY, .data = (const uint8_t *)"v", .data_len = 1, __VA_ARGS__ \
  }
  const struct {
    ossbind_find_request request;
    ossbind_status status;
    const char *field;
  } rows[] = {
      {QUESTION(.bucket = NULL), INVALID, "bucket"},
      {QUESTION(.bucket = "UPPER"), INVALID, "bucket"},
      {QUESTION(.key = NULL), INVALID, "key"},
      {QUESTION(.key = ""), INVALID, "key"},
      {QUESTION(.data = NULL), INVALID, "data"},
      {QUESTION(.file_path = "f"), INVALID, "file_path"},
      {QUESTION(.body = OSSBIND_BODY_KIND_NONE), INVALID, "body"},
      {QUESTION(.body = OSSBIND_BODY_KIND_READ, .data = NULL, .data_len = 0), INVALID, "body"},
      {QUESTION(.body = 9), UNKNOWN, "body"},
      {QUESTION(.flags = 2), UNKNOWN, "flags"},
  };
  ossbind_error *error = NULL;
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    ossbind_upload_result *result = POISON;
    CHECK(ossbind_client_find(client, &rows[i].request, &result, &error) == rows[i].status);
    CHECK(!result);
    check_error(error, rows[i].status, rows[i].field, "");
    ossbind_error_free(error);
  }
  const ossbind_find_request valid = QUESTION(.doubt_age_ms = 1);
  CHECK(ossbind_client_find(client, &valid, NULL, NULL) == OSSBIND_STATUS_TRANSPORT);
}

/* Accessors and _free functions take NULL. */
static void null_objects(void) {
  size_t len = 1;
  uint64_t crc64 = 1;
  CHECK(ossbind_upload_result_etag(NULL) == NULL);
  CHECK(ossbind_upload_result_version_id(NULL) == NULL);
  CHECK(ossbind_upload_result_request_id(NULL) == NULL);
  CHECK(ossbind_upload_result_http_status(NULL) == 0);
  CHECK(ossbind_upload_result_crc64(NULL, &crc64) == 0 && crc64 == 1);
  CHECK(ossbind_upload_result_callback_answer(NULL, &len) == NULL && len == 0);
  CHECK(ossbind_upload_result_callback_answer(NULL, NULL) == NULL);
  CHECK(ossbind_upload_result_header(NULL, "etag") == NULL);
  CHECK(ossbind_upload_result_header(NULL, NULL) == NULL);
  CHECK(ossbind_error_status(NULL) == OSSBIND_STATUS_OK);
  CHECK(ossbind_error_object_state(NULL) == OSSBIND_OBJECT_STATE_UNKNOWN);
  CHECK(ossbind_error_advice(NULL) == OSSBIND_ADVICE_DONE);
  CHECK(ossbind_error_retry_after_ms(NULL) == 0);
  CHECK(ossbind_error_message(NULL) == NULL);
  CHECK(ossbind_error_field(NULL) == NULL);
  CHECK(ossbind_error_offset(NULL) == SIZE_MAX);
  CHECK(ossbind_error_http_status(NULL) == 0);
  CHECK(ossbind_error_oss_code(NULL) == NULL);
  CHECK(ossbind_error_ec(NULL) == NULL);
  CHECK(ossbind_error_request_id(NULL) == NULL);
  CHECK(ossbind_error_upload_id(NULL) == NULL);
  CHECK(ossbind_error_caller_code(NULL) == 0);
  CHECK(ossbind_error_document_element(NULL, NULL) == NULL);
  CHECK(ossbind_encoded_callback_header(NULL) == NULL);
  CHECK(ossbind_encoded_callback_variables_header(NULL) == NULL);
  CHECK(ossbind_client_ref(NULL) == NULL);
  ossbind_client_free(NULL);
  ossbind_upload_result_free(NULL);
  ossbind_error_free(NULL);
  ossbind_encoded_callback_free(NULL);
  CHECK(strcmp(ossbind_status_name(12345), "(unknown)") == 0);
  CHECK(strcmp(ossbind_object_state_name(-1), "(unknown)") == 0);
  CHECK(strcmp(ossbind_advice_name(5), "(unknown)") == 0);
  CHECK(strcmp(ossbind_advice_name(OSSBIND_ADVICE_LOOK), "OSSBIND_ADVICE_LOOK") == 0);
}

/* A program of a newer version has a longer struct; only what it really uses matters. */
static void longer_structs(const ossbind_client *client) {
  struct {
    ossbind_upload_request request;
    unsigned char newer[64];
  } longer = {REQUEST(.struct_size = sizeof longer), {0}};
  CHECK(ossbind_client_upload(client, &longer.request, NULL, NULL) == OSSBIND_STATUS_TRANSPORT);
  longer.newer[63] = 1;
  ossbind_error *error = NULL;
  CHECK(ossbind_client_upload(client, &longer.request, NULL, &error) == UNKNOWN);
  check_error(error, UNKNOWN, "upload_request", "newer library");
  ossbind_error_free(error);

  struct {
    ossbind_client_config config;
    size_t newer;
  } config = {CONFIG(.struct_size = sizeof config), 1};
  ossbind_client *made = NULL;
  CHECK(ossbind_client_new(&config.config, &made, &error) == UNKNOWN);
  check_error(error, UNKNOWN, "client_config", "newer library");
  ossbind_error_free(error);
}

static ossbind_advice advice_for(const ossbind_client *client, const ossbind_callback *callback) {
  ossbind_upload_request request = REQUEST(.callback = callback);
  ossbind_error *error = NULL;
  CHECK(ossbind_client_upload(client, &request, NULL, &error) == OSSBIND_STATUS_INVALID_ARGUMENT);
  ossbind_advice advice = ossbind_error_advice(error);
  ossbind_error_free(error);
  return advice;
}

/* A callback without a URL is wrong for every file, and one with a bad variable for this file. */
static void callbacks_are_settings_but_for_their_variables(const ossbind_client *client) {
  const ossbind_pair variable = {"x:id", NULL};
  ossbind_callback callback;
  ossbind_callback_init(&callback);
  callback.body = "id=${x:id}";
  CHECK(advice_for(client, &callback) == OSSBIND_ADVICE_FIX_SETTINGS);
  callback.url = "https://app.example.com/";
  callback.variables = &variable;
  callback.variable_count = 1;
  CHECK(advice_for(client, &callback) == OSSBIND_ADVICE_FIX_REQUEST);
}

int main(void) {
  size_t count = 0;
  for (; count < sizeof config_rows / sizeof *config_rows; count++)
    config_row(&config_rows[count]);
  fifo_rows();

  ossbind_client_config config = CONFIG(.flags = 0);
  ossbind_client *client = NULL;
  CHECK(ossbind_client_new(&config, &client, NULL) == OSSBIND_STATUS_OK);
  for (size_t i = 0; i < sizeof request_rows / sizeof *request_rows; i++, count++)
    request_row(client, &request_rows[i]);

  base_is_valid(client);
  null_arguments(client);
  longer_structs(client);
  questions(client);
  callbacks_are_settings_but_for_their_variables(client);
  ossbind_client_free(client);
  null_objects();
  printf("%zu rows of bad input were refused\n", count);
  return 0;
}
