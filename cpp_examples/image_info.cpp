// Uploads an image and has OSS tell an application server its size and format.
//
//   image_info FILE [KEY]
//
// OSS looks at images in JPG, PNG, BMP, GIF, WebP, TIFF and HEIC. Of any other file the three values
// are empty; of a file that claims to be an image and is none, the callback fails.
//
// From the environment: OSS_ENDPOINT, OSS_REGION, OSS_ACCESS_KEY_ID, OSS_ACCESS_KEY_SECRET,
// OSS_BUCKET and OSS_CALLBACK_URL. Exit code: 0 acknowledged, 2 stored but the callback failed,
// 1 anything else.
#include <ossbind.hpp>

#include <cstdlib>
#include <iostream>

int main(int argc, char **argv) {
  if (argc < 2) {
    std::cerr << "usage: image_info FILE [KEY]\n";
    return 1;
  }
  // What is missing (NULL) is an error that says so. The extension of the key gives the type.
  ossbind::upload_request request(std::getenv("OSS_BUCKET"),
                                  argc > 2 ? argv[2] : "ossbind-example.png",
                                  ossbind::body::file(argv[1]));
  // In a JSON body put quotes around width and height: they come bare, and may be empty.
  request.callback.url(std::getenv("OSS_CALLBACK_URL"))
      .form_body("object=${object}&width=${imageInfo.width}&height=${imageInfo.height}"
                 "&format=${imageInfo.format}");

  const ossbind::upload_outcome outcome = ossbind::upload(request);

  if (outcome.error)
    std::cerr << outcome.error.message() << '\n';
  if (outcome.ok())
    std::cout << outcome.result.callback_answer() << '\n';
  return outcome.ok() ? 0 : outcome.callback_failed() ? 2 : 1;
}
