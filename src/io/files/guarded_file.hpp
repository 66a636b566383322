// Small files with secrets, which other users of this machine must not be able to read or write.
// Thread rule: any thread; the file is read at once.
#pragma once

#include <cstdint>
#include <string>

#include "core/base/secret.hpp"
#include "core/settings/secret_file.hpp"
#include "io/files/plain_file.hpp"

namespace gateway {

struct file_content {
  secret text;          // its lines, joined by line feeds: what surrounds them is removed
  std::string why_not;  // with the file's name; "" if the content can be used
  enum class kind : std::uint8_t { other, missing, empty } is = kind::other;
};

// Why a file of this mode is no place for such content, with the file's name; "" if it is one.
std::string why_not_kept(const std::string& path, ::mode_t mode, kept_from others);

// Reads at most 64 KiB of a plain file, and takes them only in this form (core/settings/secret_file).
file_content read_secret(const std::string& path, secret_form form);

}  // namespace gateway
