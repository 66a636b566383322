// A file that the settings name, opened so that nothing in its place makes the caller wait: a named pipe, a device, a socket or a directory
// is refused, and a file has a bound. Only a disk can hang. Thread rule: any thread, but no event loop: a network file system may not
// answer.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>

namespace gateway {

class plain_file {
public:
  // `pipes`: what process substitution gives to a program counts, too.
  enum class pipes : std::uint8_t { refused, taken };

  explicit plain_file(const std::string& path, pipes also = pipes::refused);
  plain_file(const plain_file&) = delete;
  plain_file& operator=(const plain_file&) = delete;
  ~plain_file();

  // Why the file cannot be read, with its name; "" if it can.
  [[nodiscard]] const std::string& why_not() const { return why_not_; }
  [[nodiscard]] bool is_missing() const { return is_missing_; }
  [[nodiscard]] ::mode_t mode() const { return mode_; }
  [[nodiscard]] std::size_t size() const { return size_; }  // of a pipe: what is read at once

  // The whole content; why_not() tells if it is larger than `most`, or cannot be read. A pipe has a few seconds to give it.
  std::string read(std::size_t most);

private:
  int descriptor_;
  ::mode_t mode_ = 0;
  std::size_t size_ = 0;
  bool is_missing_ = false;
  std::string name_;
  std::string why_not_;
};

// What changes with a file's content, as far as its file system tells.
struct file_stamp {
  ::dev_t device;
  ::ino_t number;
  ::mode_t mode;
  ::off_t size;
  std::int64_t modified;  // nanoseconds
  std::int64_t changed;
  friend bool operator==(const file_stamp&, const file_stamp&) = default;
};
// nullopt: there is none.
std::optional<file_stamp> stamp_of(const std::string& path);

// Enough for certificates and bundles of authorities.
inline constexpr std::size_t most_of_certificates = 16 * 1024 * 1024;
// Why a library that opens the file by its name must not do so; "" if it may.
std::string why_not_plain(const std::string& path, std::size_t most = most_of_certificates);

// What the last call of the system failed with, in words.
std::string last_error();

// The whole path in quotes, because paths often differ only at the end.
std::string shown(const std::string& path);

}  // namespace gateway
