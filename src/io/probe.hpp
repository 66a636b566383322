// Asks a gateway whether it is well: for containers, in which there is nothing else that could.
// Thread rule: main thread; it waits, for two seconds at most.
#pragma once

#include <string>

#include "core/settings/probe_target.hpp"

namespace gateway {

// True if a GET is answered with a 2xx in time. `said`: the status line, or a sentence that says why there is none.
bool probe(const probe_target& what, std::string& said);

}  // namespace gateway
