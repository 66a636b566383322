#include "io/files/guarded_file.hpp"

#include <sodium.h>
#include <sys/stat.h>

#include <string_view>

namespace gateway {
namespace {

constexpr std::size_t max_file = 64 * 1024;

}  // namespace

std::string why_not_kept(const std::string& path, ::mode_t mode, kept_from others) {
  auto const open_to = [&](::mode_t bit, std::string_view done) {
    if ((mode & bit) == 0) return std::string{};
    return shown(path) + " can be " + std::string{done} + " by every user of this machine: chmod o= removes that";
  };
  if (others == kept_from::none) return {};
  auto why = open_to(S_IWOTH, "written");
  return why.empty() && others == kept_from::readers_and_writers ? open_to(S_IROTH, "read") : why;
}

file_content read_secret(const std::string& path, secret_form form) {
  plain_file file{path};
  file_content made;
  made.why_not = file.why_not();
  if (file.is_missing()) made.is = file_content::kind::missing;
  if (!made.why_not.empty()) return made;
  made.why_not = why_not_kept(path, file.mode(), others_kept_from(form));
  if (!made.why_not.empty()) return made;
  auto bytes = file.read(max_file);
  made.why_not = file.why_not();
  if (made.why_not.empty()) {
    auto const found = parse_secret_file(bytes, form);
    std::string text;
    text.reserve(bytes.size());  // growing would leave a copy of the secret behind
    for (auto const line : found.lines) text.append(text.empty() ? "" : "\n").append(line);
    made.text.assign(text);
    sodium_memzero(text.data(), text.size());
    if (!found.why_not.empty()) made.why_not = shown(path) + " " + found.why_not;  // defence: secret-form
    if (found.is_empty) made.is = file_content::kind::empty;
  }
  sodium_memzero(bytes.data(), bytes.size());
  return made;
}

}  // namespace gateway
