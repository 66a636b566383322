#include "core/base/etag.hpp"

// Header-only use: the program needs no further library at run time.
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "core/base/text.hpp"

namespace gateway {

std::string etag_of(std::string_view bytes) {
  auto const hash = XXH3_128bits(bytes.data(), bytes.size());
  std::string tag;
  tag.reserve(34);
  tag += '"';
  append_hex(tag, hash.high64);
  append_hex(tag, hash.low64);
  return tag += '"';
}

std::string gzip_tag(std::string_view etag) { return std::string{etag.substr(0, etag.size() - 1)}.append("-gzip\""); }

}  // namespace gateway
