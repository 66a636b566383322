#include "core/base/etag.hpp"

#include "core/base/keyed_hash.hpp"

namespace gateway {

std::string etag_of(std::string_view bytes) {
  static constexpr char hex[] = "0123456789abcdef";
  std::string tag{'"'};
  for (auto const byte : content_digest(bytes)) {
    tag += hex[std::to_integer<unsigned>(byte) >> 4];
    tag += hex[std::to_integer<unsigned>(byte) & 15];
  }
  return tag += '"';
}

std::string gzip_tag(std::string_view etag) { return std::string{etag.substr(0, etag.size() - 1)}.append("-gzip\""); }

}  // namespace gateway
