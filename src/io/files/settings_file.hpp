// The configuration on disk: the YAML file and the files that it names.
// Thread rule: any thread, but no event loop.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/keyed_hash.hpp"
#include "core/settings/command_line.hpp"
#include "core/settings/load.hpp"

namespace gateway {

enum class reading_time : std::uint8_t { start, reload };

// Reads and checks the file. Paths in it are relative to its own folder; without a file, and for standard input, to the working
// directory. The result includes the problems of the files that it names.
loaded read_settings(const settings_source& from, reading_time when = reading_time::start);

// "gateway.yaml:12: upstream.timeout: must be …"
std::string problem_line(const std::string& path, const problem& one);
// For messages: "standard input" for "-".
std::string shown_path(const std::string& path);

// A digest that tells whether a file has changed; an unreadable file counts as empty.
digest content_of_file(const std::string& path);

// Random bytes from the system, for 128-bit or 256-bit keys that live as long as the process.
void fill_with_random(void* bytes, std::size_t size);
// 16 random hexadecimal digits.
std::string random_id();

}  // namespace gateway
