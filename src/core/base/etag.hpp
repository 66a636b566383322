// Strong entity tags, as ETag and If-None-Match carry them: made of the exact bytes, so the same over restarts and replicas (RFC 9110
// §8.8.3). Thread rule: pure functions.
#pragma once

#include <string>
#include <string_view>

namespace gateway {

// Quoted.
std::string etag_of(std::string_view bytes);

// Of the same, compressed: another representation, so it has a tag of its own (RFC 9110 §8.8.3.3).
std::string gzip_tag(std::string_view etag);

}  // namespace gateway
