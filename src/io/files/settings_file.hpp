// The configuration as it lies on disk: the YAML file and the files it names.
// Thread rule: on the main thread.
#pragma once

#include <string>
#include <vector>

#include "core/base/keyed_hash.hpp"
#include "core/base/secret.hpp"
#include "core/settings/load.hpp"

namespace gateway {

// Reads, checks and resolves: paths in the file are relative to the file's own folder. Problems of named files are among the problems.
loaded read_settings(const std::string& path);

// "gateway.yaml:12: upstream.timeout: must be …"
std::string problem_line(const std::string& path, const problem& one);

// A secret from a file, surrounding white space removed; empty if the file is missing or empty.
secret read_secret(const std::string& path);

// What tells one content of a file from another; a file that cannot be read is as good as empty.
digest content_of_file(const std::string& path);

// 128 or 256 bits from the system, for keys that live as long as the process.
void fill_with_random(void* bytes, std::size_t size);

}  // namespace gateway
