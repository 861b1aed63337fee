// Callbacks that are checked and rendered without a server.
#include "check.hpp"

namespace {

void every_problem_is_in_the_list() {
  ossbind::callback callback;
  callback.url("app.example.com/;http://10.0.0.1/").form_body("price=$5&id=${x:id}");
  const ossbind::callback_problems problems = callback.check();
  CHECK_EQ(problems.error.message(), "");
  CHECK(!problems.ok());
  CHECK_EQ(problems.list.size(), 4u);
  const ossbind::callback_problem &dollar = problems.list[1];
  CHECK(dollar.severity == ossbind::severity::error);
  CHECK_EQ(dollar.field, "callback.body");
  CHECK_EQ(dollar.offset, 6u);
  CHECK_EQ(dollar.ec, "0007-00000105");
  CHECK_EQ(dollar.message, "callback.body (at byte 6): " + dollar.rule + "; " + dollar.cure +
                               " (EC 0007-00000105)");
  CHECK_EQ(problems.list[0].message, callback.encode().error.message());
  CHECK(problems.list[3].severity == ossbind::severity::warning);
  CHECK_EQ(problems.list[3].ec, "0007-00000008");
}

void a_warning_refuses_nothing() {
  ossbind::callback callback;
  callback.url("https://app.example.com/").form_body("object=${object}").sni(false);
  const ossbind::callback_problems problems = callback.check();
  CHECK(problems.ok());
  CHECK_EQ(problems.list.size(), 1u);
  CHECK_EQ(problems.list[0].field, "callback.sni");
  CHECK_EQ(problems.list[0].offset, SIZE_MAX);
  CHECK(callback.encode().ok());
  CHECK(callback.sni(true).check().list.empty());
}

void what_cannot_be_read_is_an_error() {
  ossbind::callback callback;
  callback.url("http://app.example.com/").form_body(std::string("a\0b", 3));
  CHECK(!callback.check().ok());
  CHECK_EQ(callback.check().error.field(), "callback.body");
  CHECK_EQ(callback.render(ossbind::object_facts()).error.field(), "callback.body");
  callback.form_body("a=\xff");
  CHECK_EQ(callback.check().error.offset(), 2u);
}

// Every fact arrives where it is named.
void facts() {
  ossbind::object_facts facts;
  facts.bucket = "b";
  facts.key = "dir/a b.jpg";
  facts.etag = "E";
  facts.size = 1;
  facts.content_type = "image/jpeg";
  facts.image_format = "jpg";
  facts.image_width = 2;
  facts.image_height = 3;
  facts.crc64 = UINT64_MAX;
  facts.content_md5 = "M==";
  facts.vpc_id = "V";
  facts.client_ip = "192.0.2.1";
  facts.request_id = "R";
  facts.operation = "PostObject";
  ossbind::callback callback;
  callback.url("http://app.example.com/")
      .json_body("[${bucket},${object},${etag},${size},${mimeType},${imageInfo.format},"
                 "\"${imageInfo.width}x${imageInfo.height}\",${crc64},${contentMd5},${vpcId},"
                 "${clientIp},${reqId},${operation},${x:id}]")
      .variable("x:id", "\"");
  const ossbind::rendered_callback rendered = callback.render(facts);
  CHECK_EQ(rendered.error.message(), "");
  CHECK_EQ(rendered.content_type, "application/json");
  CHECK_EQ(rendered.body,
           "[\"b\",\"dir/a b.jpg\",\"E\",1,\"image/jpeg\",\"jpg\",\"2x3\",\"18446744073709551615\","
           "\"M==\",\"V\",\"192.0.2.1\",\"R\",\"PostObject\",\"\\\"\"]");
}

void facts_that_are_missing() {
  ossbind::callback callback;
  callback.url("http://app.example.com/").form_body("object=${object}");
  ossbind::object_facts facts;
  CHECK_EQ(callback.render(facts).error.field(), "facts.key");
  facts.key = "a b";
  CHECK_EQ(callback.render(facts).body, "object=a%20b");
  facts.image_width = 1;
  CHECK_EQ(callback.render(facts).error.field(), "facts.image_format");
  callback.form_body("price=$5");
  CHECK(callback.render(ossbind::object_facts()).error.status() ==
        ossbind::status::invalid_callback);
}

} // namespace

int main() {
  every_problem_is_in_the_list();
  a_warning_refuses_nothing();
  what_cannot_be_read_is_an_error();
  facts();
  facts_that_are_missing();
}
