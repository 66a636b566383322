// A stored entry that a lookup found: lent by the cache for as long as this object lives, or owned. Copies are owned.
// Thread rule: that of the reader by which it was found.
#pragma once

#include <cstddef>
#include <memory>
#include <utility>

#include "core/cache/entry.hpp"
#include "core/cache/read_table.hpp"

namespace gateway {

class entry_ref {
public:
  entry_ref() = default;
  entry_ref(std::nullptr_t) {}
  entry_ref(entry_ptr own) : own_(std::move(own)), what_(own_.get()) {}
  entry_ref(std::shared_ptr<entry> own) : entry_ref(entry_ptr{std::move(own)}) {}
  // `what` is alive until by.end(). One lent entry at a time: that of a reader.
  entry_ref(const entry_ptr& what, read_table::reader& by) : lent_(&what), by_(&by), what_(what.get()) {}
  entry_ref(const entry_ref& other) : entry_ref(other.share()) {}
  entry_ref(entry_ref&& other) noexcept { swap(other); }
  entry_ref& operator=(entry_ref other) noexcept {
    swap(other);
    return *this;
  }
  ~entry_ref() {
    if (by_ != nullptr) by_->end();
  }

  const entry* operator->() const { return what_; }
  const entry& operator*() const { return *what_; }
  explicit operator bool() const { return what_ != nullptr; }
  [[nodiscard]] const entry* get() const { return what_; }
  // To keep it for longer.
  [[nodiscard]] entry_ptr share() const { return lent_ != nullptr ? *lent_ : own_; }

  friend bool operator==(const entry_ref& a, const entry_ptr& b) { return a.what_ == b.get(); }
  friend bool operator==(const entry_ref& a, std::nullptr_t) { return a.what_ == nullptr; }

private:
  void swap(entry_ref& other) noexcept {
    std::swap(own_, other.own_);
    std::swap(lent_, other.lent_);
    std::swap(by_, other.by_);
    std::swap(what_, other.what_);
  }

  entry_ptr own_;
  const entry_ptr* lent_ = nullptr;
  read_table::reader* by_ = nullptr;  // of what is lent
  const entry* what_ = nullptr;
};

}  // namespace gateway
