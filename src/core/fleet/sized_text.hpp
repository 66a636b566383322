// A text behind its size, so that no two lists of texts are the same bytes: "4:call".
// Thread rule: pure functions.
#pragma once

#include <string>
#include <string_view>

#include "core/base/text.hpp"

namespace gateway {

inline void append_sized(std::string& to, std::string_view text) {
  append_number(to, text.size());
  to.append(":").append(text);
}

}  // namespace gateway
