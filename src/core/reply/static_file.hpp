// A file that is part of the program and the same for every client, in the forms in which it is sent.
// Thread rule: immutable once made.
#pragma once

#include <string>
#include <string_view>

namespace gateway {

struct static_file {
  struct form {
    std::string bytes;
    std::string etag;  // quoted
  };
  // `content_type` must outlive the file.
  static_file(std::string_view content_type, std::string_view bytes);

  std::string_view type;
  form plain;
  form gzip;  // without bytes: it could not be compressed
};

}  // namespace gateway
