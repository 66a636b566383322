// Asks a gateway whether it is well: for containers, in which there is nothing else that could.
// Thread rule: main thread; it waits, for two seconds at most.
#pragma once

#include <string>

#include "core/settings/probe_target.hpp"

namespace gateway {

// True if a GET is answered with a 2xx in time; else a sentence that says what came instead.
bool probe(const probe_target& what, std::string& why_not);

}  // namespace gateway
