// The file with the auth tokens that Twilio signs events with.
// Thread rule: any thread; the file is read at once.
#pragma once

#include <string>

#include "io/files/guarded_file.hpp"

namespace gateway {

// A token a line. Refuses a file that other users may read, or with too many tokens.
file_content read_event_tokens(const std::string& path);

}  // namespace gateway
