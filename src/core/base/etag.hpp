// Strong entity tags for ETag and If-None-Match (RFC 9110 §8.8.3): a hash of the exact bytes, so they are equal across restarts and
// replicas.
// Thread rule: pure functions.
#pragma once

#include <string>
#include <string_view>

namespace gateway {

// With its quotes.
std::string etag_of(std::string_view bytes);

// The tag of the same bytes with gzip: another representation, so it has a tag of its own (RFC 9110 §8.8.3.3).
std::string gzip_tag(std::string_view etag);

}  // namespace gateway
