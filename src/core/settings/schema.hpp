// The settings table as a JSON Schema (draft 7), for editors that complete and check YAML. Rules between settings are --check-config's
// alone. Thread rule: pure.
#pragma once

#include <string>

namespace gateway {

std::string settings_schema();

}  // namespace gateway
