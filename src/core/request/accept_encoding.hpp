// The content coding for a client, by its Accept-Encoding. Source: RFC 9110 §12.4.2, §12.5.3.
// Thread rule: pure functions.
#pragma once

#include "core/request/field_lines.hpp"

namespace gateway {

// True only if the client names gzip and prefers it at least as much as identity. "*" is not enough, nor is an unknown word such as the
// "utf-8" of some SDKs, because not every such client can decompress. No value of Accept-Encoding leads to a refusal.
bool accepts_gzip(const field_lines& accept_encoding);

}  // namespace gateway
