#include "io/runtime/line_file.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <system_error>

namespace gateway {
namespace {

constexpr std::size_t file_chunk = 64 * 1024;
constexpr ::mode_t permissions = 0640;  // lines show what clients do

// Whole lines of up to `most` bytes from the front; `most` bytes if the first line is longer.
std::string_view whole_lines(std::string_view lines, std::size_t most) {
  if (lines.size() <= most) return lines;
  auto const end = lines.rfind('\n', most - 1);
  return lines.substr(0, end == std::string_view::npos ? most : end + 1);
}

}  // namespace

bool line_file::open(const std::string& path, std::string& why_not) {
  auto const opened =
      path.empty() ? STDERR_FILENO : ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, permissions);
  if (opened < 0) {
    why_not = "'" + path + "' cannot be opened: " + std::generic_category().message(errno);
    return false;
  }
  close();
  descriptor_ = opened;
  is_ours_ = !path.empty();
  torn_ = false;
  struct stat about {};
  // POSIX: a write of up to PIPE_BUF bytes to a pipe is atomic.
  chunk_ = ::fstat(opened, &about) == 0 && S_ISREG(about.st_mode) ? file_chunk : PIPE_BUF;
  return true;
}

void line_file::close() {
  if (is_ours_) ::close(descriptor_);
  is_ours_ = false;
}

bool line_file::has_room(std::chrono::milliseconds wait) const {
  pollfd room{descriptor_, POLLOUT, 0};
  return ::poll(&room, 1, static_cast<int>(wait.count())) > 0;  // the following write reports an error
}

std::size_t line_file::write(std::string_view lines, std::chrono::milliseconds wait, int& error) {
  error = 0;
  std::size_t taken = 0;
  while (taken < lines.size() && has_room(wait)) {
    auto const piece = torn_ && taken == 0 ? std::string_view{"\n"} : whole_lines(lines.substr(taken), chunk_);
    auto const size = ::write(descriptor_, piece.data(), piece.size());
    if (size < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (size < 0) {
      error = errno;
      break;
    }
    bool const mended = torn_ && taken == 0;
    torn_ = size > 0 && piece[static_cast<std::size_t>(size) - 1] != '\n';
    if (!mended) taken += static_cast<std::size_t>(size);
  }
  return taken;
}

}  // namespace gateway
