#include "io/files/guarded_file.hpp"

#include <sodium.h>
#include <sys/stat.h>

#include <string_view>

namespace gateway {
namespace {

constexpr std::size_t max_file = 64 * 1024;

}  // namespace

file_content read_guarded(const std::string& path, ::mode_t forbidden) {
  plain_file file{path};
  auto const forbidden_here = file.mode() & forbidden;
  if (file.why_not().empty() && forbidden_here != 0) {
    return {{},
            shown(path) + " can be " + ((forbidden_here & S_IWOTH) != 0 ? "written" : "read") +
                " by every user of this machine: chmod o= removes that"};
  }
  auto bytes = file.read(max_file);
  std::string_view text{bytes};
  auto const is_space = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  file_content content{secret{text}, file.why_not(), file.is_missing() ? file_content::kind::missing : file_content::kind::other};
  sodium_memzero(bytes.data(), bytes.size());
  if (content.why_not.empty() && content.text.empty()) {
    content.why_not = shown(path) + " is empty";
    content.is = file_content::kind::empty;
  }
  return content;
}

}  // namespace gateway
