// The content coding of an answer (RFC 9110 §8.4). The gateway asks for identity, but some proxies compress all the same.
// Thread rule: pure functions over values.
#pragma once

#include <cstddef>

#include "core/upstream/answer.hpp"

namespace gateway {

// Whether the body has another coding than identity.
bool is_coded(const upstream_answer& answer);

// For a body that was changed: takes out the fields that describe its former bytes.
void drop_digests(upstream_answer& answer);

// Unpacks a body whose one coding is gzip, and takes out the fields that describe the packed bytes. It leaves the answer as it is if the
// coding is another one, if the body is no gzip, or if its content is larger than `most`.
void decode_content(upstream_answer& answer, std::size_t most);

}  // namespace gateway
