// Small files that other users of this machine must not be able to read or write.
// Thread rule: any thread; the file is read at once.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

#include "core/base/secret.hpp"
#include "io/files/plain_file.hpp"

namespace gateway {

// Permission bits that may be forbidden.
inline constexpr ::mode_t readable_by_all = 04;
inline constexpr ::mode_t writable_by_all = 02;

struct file_content {
  secret text;  // surrounding white space removed
  std::string why_not;
  enum class kind : std::uint8_t { other, missing, empty } is = kind::other;
};

// Reads at most 64 KiB of a plain file. Refuses one whose permissions have one of these bits.
file_content read_guarded(const std::string& path, ::mode_t forbidden);

}  // namespace gateway
