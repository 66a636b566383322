// Small files that others on this machine must not be able to read, or to write.
// Thread rule: any thread; read at once.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

#include "core/base/secret.hpp"

namespace gateway {

// What others must not be able to do with a file.
inline constexpr ::mode_t readable_by_all = 04;
inline constexpr ::mode_t writable_by_all = 02;

struct file_content {
  secret text;  // surrounding white space removed
  std::string why_not;
  enum class kind : std::uint8_t { other, missing, empty } is = kind::other;
};

// At most 64 KiB; refused if its permissions have one of these bits.
file_content read_guarded(const std::string& path, ::mode_t forbidden);

// Whole, since its end is what tells one path from another.
std::string shown(const std::string& path);

}  // namespace gateway
