// gzip (RFC 1952), the form of Content-Encoding: gzip.
// Thread rule: pure functions.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace gateway {

// The same bytes always give the same member. "" if memory is short.
std::string gzip(std::string_view bytes);

// The content of all members, one after the other. Nothing if a member is malformed or cut, if anything follows the last one, or if the
// content is larger than `most`: then it is not unpacked any further.
std::optional<std::string> gunzip(std::string_view packed, std::size_t most);

}  // namespace gateway
