#include "io/files/snapshot_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>

#include "io/files/guarded_file.hpp"

namespace gateway {
namespace {

constexpr ::mode_t permissions = 0600;

std::string unfinished(const std::string& snapshot) { return snapshot + ".tmp"; }

void close_if_open(int& descriptor) {
  if (descriptor >= 0) ::close(descriptor);
  descriptor = -1;
}

bool remove_file(const std::string& path, std::string& why_not) {
  if (::unlink(path.c_str()) == 0 || errno == ENOENT || errno == ENOTDIR) return true;
  why_not = shown(path) + " cannot be removed: " + last_error();
  return false;
}

}  // namespace

snapshot_lock::attempt snapshot_lock::take(const std::string& snapshot, std::string& why_not) {
  auto const path = snapshot + ".lock";
  if (descriptor_ < 0) descriptor_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, permissions);
  if (descriptor_ >= 0 && ::flock(descriptor_, LOCK_EX | LOCK_NB) == 0) return attempt::taken;
  if (descriptor_ >= 0 && errno == EWOULDBLOCK) return attempt::held;
  why_not = shown(path) + " cannot be locked: " + last_error();
  close_if_open(descriptor_);
  return attempt::failed;
}

void snapshot_lock::release() { close_if_open(descriptor_); }

void snapshot_lock::mark(bool on) const {
  if (descriptor_ >= 0 && ::ftruncate(descriptor_, on ? 1 : 0) != 0) return;  // with an exhausted disk quota; the mark is one byte
}

bool snapshot_lock::is_marked() const {
  struct stat about {};
  return ::fstat(descriptor_, &about) == 0 && about.st_size > 0;
}

snapshot_output::~snapshot_output() {
  close_if_open(descriptor_);
  std::string ignored;
  if (!placed_) remove_unfinished(path_, ignored);
}

// Always creates a new file: no other process has it open, and no link points to it.
bool snapshot_output::open(std::string& why_not) {
  auto const path = unfinished(path_);
  if (!remove_file(path, why_not)) return false;
  descriptor_ = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, permissions);
  if (descriptor_ < 0) why_not = shown(path) + " cannot be written: " + last_error();
  return descriptor_ >= 0;
}

bool snapshot_output::write(std::string_view bytes, std::string& why_not) {
  while (!bytes.empty()) {
    auto const size = ::write(descriptor_, bytes.data(), bytes.size());
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) {
      why_not = shown(unfinished(path_)) + " cannot be written: " + last_error();
      return false;
    }
    bytes.remove_prefix(static_cast<std::size_t>(size));
    // Starts writing to the disk now, so that sync() waits less.
    ::sync_file_range(descriptor_, static_cast<::off64_t>(bytes_), size, SYNC_FILE_RANGE_WRITE);
    bytes_ += static_cast<std::uint64_t>(size);
  }
  return true;
}

bool snapshot_output::sync(std::string& why_not) {
  if (::fsync(descriptor_) == 0) return true;
  why_not = shown(unfinished(path_)) + " cannot be written: " + last_error();
  return false;
}

bool snapshot_output::place(bool& gone, std::string& why_not) {
  placed_ = std::rename(unfinished(path_).c_str(), path_.c_str()) == 0;
  gone = !placed_ && errno == ENOENT;
  if (!placed_) why_not = shown(path_) + " cannot be replaced: " + last_error();
  return placed_;
}

snapshot_input::~snapshot_input() { close_if_open(descriptor_); }

bool snapshot_input::open(const std::string& snapshot, std::string& why_not) {
  descriptor_ = ::open(snapshot.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
  if (descriptor_ < 0) {
    if (errno != ENOENT) why_not = errno == ELOOP ? "it is a symbolic link" : last_error();
    return false;
  }
  struct stat about {};
  if (::fstat(descriptor_, &about) != 0 || !S_ISREG(about.st_mode)) {
    why_not = "it is not a file";
  } else if (about.st_uid != ::geteuid() || (about.st_mode & (S_IWGRP | S_IWOTH)) != 0) {  // defence: file-of-others
    why_not = "another user could have written it";
  } else {
    size_ = static_cast<std::uint64_t>(about.st_size);
    return true;
  }
  close_if_open(descriptor_);
  return false;
}

std::string snapshot_input::read(std::size_t size) {
  std::string bytes(static_cast<std::size_t>(std::min<std::uint64_t>(size, left())), '\0');
  std::size_t filled = 0;
  while (filled < bytes.size()) {
    auto const got = ::read(descriptor_, bytes.data() + filled, bytes.size() - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    filled += static_cast<std::size_t>(got);
  }
  taken_ += filled;
  bytes.resize(filled);
  return bytes;
}

bool remove_snapshot(const std::string& snapshot, std::string& why_not) { return remove_file(snapshot, why_not); }
bool remove_unfinished(const std::string& snapshot, std::string& why_not) { return remove_file(unfinished(snapshot), why_not); }

bool replace_file(const std::string& path, std::string_view content, std::string& why_not) {
  snapshot_output output{path};
  bool gone = false;
  bool const is_good = output.open(why_not) && output.write(content, why_not) && output.sync(why_not) && output.place(gone, why_not);
  if (is_good) sync_folder_of(path);
  return is_good;
}

void sync_folder_of(const std::string& snapshot) {
  auto const folder = std::filesystem::path{snapshot}.parent_path();
  auto descriptor = ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor >= 0) ::fsync(descriptor);
  close_if_open(descriptor);
}

}  // namespace gateway
