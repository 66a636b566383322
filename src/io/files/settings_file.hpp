// The configuration on disk: the YAML file and the files that it names.
// Thread rule: on the main thread.
#pragma once

#include <string>
#include <vector>

#include "core/base/keyed_hash.hpp"
#include "core/base/secret.hpp"
#include "core/settings/load.hpp"

namespace gateway {

// Reads and checks the file. Paths in it are relative to its own folder. The result includes the problems of the files that it names.
loaded read_settings(const std::string& path);

// "gateway.yaml:12: upstream.timeout: must be …"
std::string problem_line(const std::string& path, const problem& one);

// A secret from a file without surrounding white space; empty if the file is missing or empty.
secret read_secret(const std::string& path);

// A digest that tells whether a file has changed; an unreadable file counts as empty.
digest content_of_file(const std::string& path);

// Random bytes from the system, for 128-bit or 256-bit keys that live as long as the process.
void fill_with_random(void* bytes, std::size_t size);

}  // namespace gateway
