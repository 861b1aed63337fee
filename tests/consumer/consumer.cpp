// The same in C++: its headers are found and fit the library.
#include <ossbind.hpp>
#include <ossbind_receiving.hpp>
#include <iostream>

int main() {
  ossbind::config config;
  config.endpoint = "http://127.0.0.1:1";
  config.region = "cn-hangzhou";
  config.access_key_id = "ak";
  config.access_key_secret = "sk";

  // Complete but for a bucket, so nothing is sent.
  ossbind::upload_request request;
  request.key = "consumer";
  request.body = ossbind::body::empty();

  const ossbind::upload_outcome outcome = ossbind::upload(config, request);
  std::cout << ossbind::version() << ": " << outcome.error.message() << '\n';
  return outcome.error.field() == "bucket" && ossbind::verifier::create() ? 0 : 1;
}
