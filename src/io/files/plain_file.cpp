#include "io/files/plain_file.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "core/base/text.hpp"
#include "core/settings/units.hpp"
#include "io/runtime/clock.hpp"

namespace gateway {
namespace {

constexpr std::chrono::seconds pipe_patience{5};
constexpr std::size_t chunk = 64 * 1024;

}  // namespace

std::string last_error() { return std::generic_category().message(errno); }

std::string shown(const std::string& path) {
  std::string text{"'"};
  append_json_escaped(text, path);
  return text += '\'';
}

plain_file::plain_file(const std::string& path, pipes also)
    : descriptor_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)), name_(shown(path)) {
  struct stat about {};
  if (descriptor_ < 0 || ::fstat(descriptor_, &about) != 0) {
    is_missing_ = errno == ENOENT || errno == ENOTDIR;
    why_not_ = name_ + " cannot be read: " + last_error();
    return;
  }
  mode_ = about.st_mode;
  size_ = S_ISREG(mode_) ? static_cast<std::size_t>(about.st_size) : chunk;
  bool const good = S_ISREG(mode_) || (S_ISFIFO(mode_) && also == pipes::taken);
  if (!good) why_not_ = name_ + " is not a file";  // defence: plain-files-only
}

plain_file::~plain_file() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

std::string plain_file::read(std::size_t most) {
  std::string content;
  content.reserve(std::min(size_ + chunk, most + 1));  // a secret leaves no copies behind
  auto const latest = mono_now() + pipe_patience;
  while (why_not_.empty()) {
    auto const before = content.size();
    content.resize(std::min(before + chunk, most + 1));
    pollfd ready{descriptor_, POLLIN, 0};
    auto const left = std::chrono::ceil<std::chrono::milliseconds>(latest - mono_now()).count();
    bool const came = S_ISREG(mode_) || ::poll(&ready, 1, static_cast<int>(std::max<decltype(left)>(left, 0))) != 0;
    auto const size = came ? ::read(descriptor_, content.data() + before, content.size() - before) : 0;
    if (size < 0 && errno == EINTR) {
      content.resize(before);
      continue;
    }
    if (!came) why_not_ = name_ + " is a pipe that nothing is written to";
    if (size < 0) why_not_ = name_ + " cannot be read: " + last_error();
    content.resize(before + static_cast<std::size_t>(std::max<::ssize_t>(size, 0)));
    if (content.size() > most) why_not_ = name_ + " is larger than " + size_text(most);  // defence: file-bounded
    if (size <= 0) break;
  }
  return content;
}

std::optional<file_stamp> stamp_of(const std::string& path) {
  struct stat about {};
  if (::stat(path.c_str(), &about) != 0) return std::nullopt;
  auto const nanoseconds = [](const timespec& at) { return std::int64_t{at.tv_sec} * 1'000'000'000 + at.tv_nsec; };
  return file_stamp{about.st_dev, about.st_ino, about.st_mode, about.st_size, nanoseconds(about.st_mtim), nanoseconds(about.st_ctim)};
}

std::string why_not_plain(const std::string& path, std::size_t most) {
  plain_file const file{path};
  return file.why_not().empty() && file.size() > most ? shown(path) + " is larger than " + size_text(most) : file.why_not();
}

}  // namespace gateway
