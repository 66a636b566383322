#include "io/files/guarded_file.hpp"

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "core/base/text.hpp"

namespace gateway {
namespace {

constexpr std::size_t max_file = 64 * 1024;

class descriptor {
public:
  explicit descriptor(const std::string& path) : number_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {}
  descriptor(const descriptor&) = delete;
  descriptor& operator=(const descriptor&) = delete;
  ~descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  [[nodiscard]] int get() const { return number_; }

private:
  int number_;
};

std::string reason() { return std::generic_category().message(errno); }

}  // namespace

std::string shown(const std::string& path) {
  std::string text{"'"};
  append_json_escaped(text, path);
  return text += '\'';
}

file_content read_guarded(const std::string& path, ::mode_t forbidden) {
  auto const name = shown(path);
  descriptor const file{path};
  struct stat about {};
  if (file.get() < 0 || ::fstat(file.get(), &about) != 0) {
    auto const is_missing = errno == ENOENT || errno == ENOTDIR;
    return {{}, name + " cannot be read: " + reason(), is_missing ? file_content::kind::missing : file_content::kind::other};
  }
  if (!S_ISREG(about.st_mode)) return {{}, name + " is not a file"};
  if ((about.st_mode & forbidden) != 0) {
    return {{},
            name + " can be " + ((about.st_mode & forbidden & S_IWOTH) != 0 ? "written" : "read") +
                " by every user of this machine: chmod o= removes that"};
  }
  std::string bytes(max_file + 1, '\0');
  auto const size = ::pread(file.get(), bytes.data(), bytes.size(), 0);
  std::string_view text{bytes.data(), static_cast<std::size_t>(std::max<::ssize_t>(size, 0))};
  auto const is_space = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  file_content content{secret{text}, {}};
  sodium_memzero(bytes.data(), bytes.size());
  if (size < 0) content.why_not = name + " cannot be read: " + reason();
  if (size > static_cast<::ssize_t>(max_file)) content.why_not = name + " is larger than 64KiB";
  if (content.why_not.empty() && content.text.empty()) {
    content.why_not = name + " is empty";
    content.is = file_content::kind::empty;
  }
  return content;
}

}  // namespace gateway
