// Documents of the project that are made from its tables. With GATEWAY_WRITE_REFERENCE=1 in the environment, tests write them.
#pragma once

#include <string>

namespace gateway {

// What the file holds; `path` begins at the project's root. "" when there is none.
std::string document(const char* path);

// The same, after `expected` was written to it if that is asked for.
std::string shipped(const char* path, const std::string& expected);

}  // namespace gateway
