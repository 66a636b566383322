// Bytes compressed as a gzip member (RFC 1952), as Content-Encoding: gzip wants them. The same bytes always give the same result.
// Thread rule: pure function.
#pragma once

#include <string>
#include <string_view>

namespace gateway {

// "" where compression fails, for want of memory.
std::string gzip(std::string_view bytes);

}  // namespace gateway
