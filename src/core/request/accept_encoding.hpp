// Which content coding a client may be sent, by its Accept-Encoding. Source: RFC 9110 §12.4.2, §12.5.3.
// Thread rule: pure functions.
#pragma once

#include "core/request/field_lines.hpp"

namespace gateway {

// True only for clients that name gzip and like it no less than identity. "*" alone is not enough, nor is an unknown word such as the
// "utf-8" of some SDKs: not all who send these can decompress. Nobody is refused for what they accept.
bool accepts_gzip(const field_lines& accept_encoding);

}  // namespace gateway
