// The target of log lines: standard error, or a file opened for appending, which can be reopened after it was renamed.
// A slow reader of a pipe delays a call only as long as the call allows, and never gets the lines of two writers mixed.
// Thread rule: used by one thread.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace gateway {

class line_file {
public:
  line_file() = default;
  line_file(const line_file&) = delete;
  line_file& operator=(const line_file&) = delete;
  ~line_file() { close(); }

  // "" means standard error. If this fails, the earlier file stays open and `why_not` says why.
  bool open(const std::string& path, std::string& why_not);

  // Returns how many bytes were written from the front of `lines`. Fewer than all: there was no room in time, or `error` says why.
  std::size_t write(std::string_view lines, std::chrono::milliseconds wait, int& error);

private:
  void close();
  bool has_room(std::chrono::milliseconds wait) const;

  int descriptor_ = -1;
  bool is_ours_ = false;   // we must close it
  std::size_t chunk_ = 0;  // most bytes per write
  bool torn_ = false;      // the last written line is incomplete
};

}  // namespace gateway
