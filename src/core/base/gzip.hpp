// Compresses bytes to a gzip member (RFC 1952) for Content-Encoding: gzip. The same bytes always give the same result.
// Thread rule: pure function.
#pragma once

#include <string>
#include <string_view>

namespace gateway {

// "" if memory is short.
std::string gzip(std::string_view bytes);

}  // namespace gateway
