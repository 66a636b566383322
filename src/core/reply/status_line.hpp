// The status line of an answer, with the reason phrase that IANA registers. Some clients print that phrase, and some fail without one.
// Thread rule: pure.
#pragma once

#include <string>

namespace gateway {

void append_status_line(std::string& out, int status);

}  // namespace gateway
