// The other file of the program with two files; may be compiled without exceptions.
#include "other_unit.hpp"

#include "check.hpp"

int stopped_upload_of_other_unit() {
  ossbind::upload_request request("examplebucket", "key", ossbind::body::memory("stopped"));
  request.content_md5 = std::string("a\0b", 3);
  request.progress = [](const ossbind_progress &) { return false; };
  return ossbind::upload(nobody(), request).status;
}
