// Which of the forms that are offered a client prefers, by its Accept. Source: RFC 9110 §12.4.2, §12.5.1.
// Thread rule: pure functions.
#pragma once

#include <string_view>

#include "core/request/field_lines.hpp"

namespace gateway {

// A qvalue in thousandths: "0" to "1.000". Anything else gives 0, which means "not acceptable".
int qvalue(std::string_view text);

struct media_offer {
  std::string_view type;  // in lower case
  std::string_view version;
};

// The weight of the most specific range that the offer is in. A range with another version does not have it; other parameters, such as
// charset, do not count.
struct media_weight {
  int thousandths = 0;
  bool by_name = false;  // the range names the type
};
media_weight weight_of(const media_offer& offer, const field_lines& accept);

}  // namespace gateway
