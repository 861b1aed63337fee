// Uploads by another way to the same bucket: its custom domain (CNAME), the network inside Alibaba Cloud, or
// transfer acceleration.
//
//   endpoints cname DOMAIN FILE [KEY]
//   endpoints internal|accelerate REGION FILE [KEY]
//
// From the environment: OSS_REGION, OSS_ACCESS_KEY_ID, OSS_ACCESS_KEY_SECRET and OSS_BUCKET. Exit
// code: 0 stored, 1 anything else.
#include <ossbind.hpp>

#include <cstdlib>
#include <iostream>
#include <string>

int main(int argc, char **argv) {
  if (argc < 4) {
    std::cerr
        << "usage: endpoints cname DOMAIN FILE [KEY] | internal|accelerate REGION FILE [KEY]\n";
    return 1;
  }
  const std::string way = argv[1];
  ossbind::config config;
  if (way == "cname") {
    config.endpoint = argv[2];
    config.cname = true;
  } else {
    config.region = argv[2]; // and no endpoint: it is made of the region
    (way == "internal" ? config.internal : config.accelerate) = true;
  }
  ossbind::upload_request request(std::getenv("OSS_BUCKET"), argc > 4 ? argv[4] : "ossbind-example",
                                  ossbind::body::file(argv[3]));
  const ossbind::upload_outcome outcome = ossbind::upload(config, request);

  std::cout << ossbind_status_name(outcome.status) << '\n';
  if (outcome.error)
    std::cerr << outcome.error.message() << '\n';
  return outcome.ok() ? 0 : 1;
}
