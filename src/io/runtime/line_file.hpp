// The target of log lines: standard error, or a file opened for appending, which can be reopened after it was renamed.
// A slow reader of a pipe, a socket or a terminal delays a call only until its deadline, and never gets the lines of two writers mixed. A
// disk may hang in a call.
// Thread rule: used by one thread.
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>

#include "core/base/time.hpp"

namespace gateway {

class line_file {
public:
  line_file() = default;
  line_file(const line_file&) = delete;
  line_file& operator=(const line_file&) = delete;
  ~line_file() { close(); }

  static constexpr ::mode_t usual = 0640;  // lines show what clients do

  // "" means standard error. If this fails, the earlier file stays open and `why_not` says why. A pipe may have no reader yet.
  // `permissions`: of a file that is made.
  bool open(const std::string& path, std::string& why_not, ::mode_t permissions = usual);
  // Whether `path` is not the open file any more: it was moved, removed or replaced.
  [[nodiscard]] bool is_elsewhere(const std::string& path) const;
  [[nodiscard]] bool is_open() const { return descriptor_ >= 0; }

  // Returns how many bytes were written from the front of `lines`. Fewer than all: there was no room in time, or `error` says why.
  std::size_t write(std::string_view lines, mono_time deadline, int& error);

private:
  void close();
  [[nodiscard]] bool has_room(mono_time deadline) const;
  [[nodiscard]] ::ssize_t write_some(std::string_view bytes) const;

  int descriptor_ = -1;
  bool is_ours_ = false;  // we must close it
  bool is_socket_ = false;
  std::size_t chunk_ = 0;  // most bytes per write
  bool torn_ = false;      // the last written line is incomplete
};

}  // namespace gateway
