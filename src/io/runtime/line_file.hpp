// Where lines are written: standard error, or a file that is opened for appending and can be opened anew after it was renamed.
// A reader that takes lines from a pipe too slowly is waited for only as long as a call says, and never gets a mixture of two writers'
// lines. Thread rule: used by one thread.
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

  // "" for standard error. What was open before stays open if this fails; then a sentence says why.
  bool open(const std::string& path, std::string& why_not);

  // How many bytes of `lines` were taken, from the front. Fewer than all: there was no room for more in time, or `error` says why.
  std::size_t write(std::string_view lines, std::chrono::milliseconds patience, int& error);

private:
  void close();
  bool has_room(std::chrono::milliseconds patience) const;

  int descriptor_ = -1;
  bool is_ours_ = false;   // to close
  std::size_t chunk_ = 0;  // bytes that are written at once
  bool torn_ = false;      // the last line that was written is not whole
};

}  // namespace gateway
