// The snapshot of the cache on disk: FILE, FILE.tmp while a new one is written, and FILE.lock, which shows which process uses them.
// Thread rule: one thread at a time uses each object.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace gateway {

// Only one gateway at a time reads and writes a snapshot. The lock ends with its process, however the process ends. Its file stays.
class snapshot_lock {
public:
  enum class attempt : std::uint8_t { taken, held, failed };

  snapshot_lock() = default;
  snapshot_lock(const snapshot_lock&) = delete;
  snapshot_lock& operator=(const snapshot_lock&) = delete;
  ~snapshot_lock() { release(); }

  attempt take(const std::string& snapshot, std::string& why_not);
  void release();

  // A successor marks the lock that a predecessor still holds: the predecessor must not write its entries any more.
  void mark(bool on) const;
  [[nodiscard]] bool is_marked() const;

private:
  int descriptor_ = -1;
};

class snapshot_output {
public:
  explicit snapshot_output(const std::string& snapshot) : path_(snapshot) {}
  snapshot_output(const snapshot_output&) = delete;
  snapshot_output& operator=(const snapshot_output&) = delete;
  ~snapshot_output();

  // Each returns false and a sentence if it fails.
  bool open(std::string& why_not);
  bool write(std::string_view bytes, std::string& why_not);
  bool sync(std::string& why_not);
  // Replaces FILE. `gone`: another process has removed the new file.
  bool place(bool& gone, std::string& why_not);

  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }

private:
  std::string path_;
  int descriptor_ = -1;
  std::uint64_t bytes_ = 0;
  bool placed_ = false;
};

class snapshot_input {
public:
  snapshot_input() = default;
  snapshot_input(const snapshot_input&) = delete;
  snapshot_input& operator=(const snapshot_input&) = delete;
  ~snapshot_input();

  // False: there is no snapshot (no sentence), or none that can be trusted.
  bool open(const std::string& snapshot, std::string& why_not);
  // Fewer than `size` bytes: the file has ended, or cannot be read.
  std::string read(std::size_t size);
  [[nodiscard]] std::uint64_t size() const { return size_; }
  [[nodiscard]] std::uint64_t left() const { return size_ - taken_; }

private:
  int descriptor_ = -1;
  std::uint64_t size_ = 0;
  std::uint64_t taken_ = 0;
};

// Remove the snapshot, or the unfinished file that would replace it. False and a sentence: it is still there.
bool remove_snapshot(const std::string& snapshot, std::string& why_not);
bool remove_unfinished(const std::string& snapshot, std::string& why_not);
// Replaces a small file as a whole, so that a crash leaves the old one or the new one. False and a sentence: the old one is still there.
bool replace_file(const std::string& path, std::string_view content, std::string& why_not);
// Makes a rename or removal survive a crash of the machine.
void sync_folder_of(const std::string& snapshot);

}  // namespace gateway
