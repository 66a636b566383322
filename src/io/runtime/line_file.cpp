#include "io/runtime/line_file.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <system_error>

#include "io/runtime/clock.hpp"

namespace gateway {
namespace {

constexpr std::size_t file_chunk = 64 * 1024;

// Whole lines of up to `most` bytes from the front; `most` bytes if the first line is longer.
std::string_view whole_lines(std::string_view lines, std::size_t most) {
  if (lines.size() <= most) return lines;
  auto const end = lines.rfind('\n', most - 1);
  return lines.substr(0, end == std::string_view::npos ? most : end + 1);
}

::mode_t kind_of(int descriptor) {
  struct stat about {};
  return ::fstat(descriptor, &about) == 0 ? about.st_mode : ::mode_t{0};
}

// A pipe that no program reads is opened all the same: it takes some lines until one does.
int open_to_append(const std::string& path, ::mode_t permissions) {
  constexpr int how = O_APPEND | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;  // defence: log-file-unblocked
  auto const opened = ::open(path.c_str(), O_WRONLY | O_CREAT | how, permissions);
  struct stat about {};
  bool const lacks_reader = opened < 0 && errno == ENXIO && ::stat(path.c_str(), &about) == 0 && S_ISFIFO(about.st_mode);
  return lacks_reader ? ::open(path.c_str(), O_RDWR | how) : opened;
}

// Other programs may share this descriptor and expect it to block. So a pipe or a terminal is opened a second time, without blocking.
int open_standard_error() {
  auto const kind = kind_of(STDERR_FILENO);
  if (!S_ISFIFO(kind) && !S_ISCHR(kind)) return STDERR_FILENO;
  auto const opened = ::open("/proc/self/fd/2", O_WRONLY | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  return opened >= 0 ? opened : STDERR_FILENO;
}

}  // namespace

bool line_file::open(const std::string& path, std::string& why_not, ::mode_t permissions) {
  auto const opened = path.empty() ? open_standard_error() : open_to_append(path, permissions);
  if (opened < 0) {
    why_not = "'" + path + "' cannot be opened: " + std::generic_category().message(errno);
    return false;
  }
  close();
  descriptor_ = opened;
  is_ours_ = opened != STDERR_FILENO;
  torn_ = false;
  auto const kind = kind_of(opened);
  is_socket_ = S_ISSOCK(kind);
  // POSIX: a write of up to PIPE_BUF bytes to a pipe is atomic.
  chunk_ = S_ISREG(kind) ? file_chunk : PIPE_BUF;
  return true;
}

bool line_file::is_elsewhere(const std::string& path) const {
  struct stat open_one {};
  struct stat named {};
  return ::fstat(descriptor_, &open_one) != 0 || ::stat(path.c_str(), &named) != 0 || open_one.st_dev != named.st_dev ||
         open_one.st_ino != named.st_ino;
}

void line_file::close() {
  if (is_ours_) ::close(descriptor_);
  is_ours_ = false;
}

bool line_file::has_room(mono_time deadline) const {
  auto const left = std::chrono::ceil<std::chrono::milliseconds>(deadline - mono_now());
  pollfd room{descriptor_, POLLOUT, 0};
  return ::poll(&room, 1, std::max(0, static_cast<int>(left.count()))) > 0;  // the following write reports an error
}

::ssize_t line_file::write_some(std::string_view bytes) const {
  if (is_socket_) return ::send(descriptor_, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  return ::write(descriptor_, bytes.data(), bytes.size());
}

std::size_t line_file::write(std::string_view lines, mono_time deadline, int& error) {
  error = 0;
  std::size_t taken = 0;
  while (taken < lines.size() && has_room(deadline)) {
    auto const piece = torn_ && taken == 0 ? std::string_view{"\n"} : whole_lines(lines.substr(taken), chunk_);
    auto const size = write_some(piece);
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
