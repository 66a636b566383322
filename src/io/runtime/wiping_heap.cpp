#include "io/runtime/wiping_heap.hpp"

#include <malloc.h>
#include <openssl/crypto.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>

namespace {

// malloc and free are not wiped themselves: the standard library, OpenSSL and simdjson ask for their memory here.
void* take(std::size_t size) noexcept { return std::malloc(std::max<std::size_t>(size, 1)); }

void* take_aligned(std::size_t size, std::align_val_t alignment) noexcept {
  auto const unit = std::max(static_cast<std::size_t>(alignment), sizeof(void*));
  return std::aligned_alloc(unit, (std::max<std::size_t>(size, 1) + unit - 1) / unit * unit);
}

void* or_throw(void* made) {
  if (made == nullptr) throw std::bad_alloc{};
  return made;
}

// A compiler may leave out a plain memset before free().
void give_back(void* memory) noexcept {
  if (memory == nullptr) return;
  explicit_bzero(memory, malloc_usable_size(memory));  // defence: wiped-when-freed
  std::free(memory);
}

void* take_for_openssl(std::size_t size, const char* /*file*/, int /*line*/) { return size == 0 ? nullptr : take(size); }
void give_back_for_openssl(void* memory, const char* /*file*/, int /*line*/) { give_back(memory); }
void* resize_for_openssl(void* memory, std::size_t size, const char* file, int line) {
  auto* const made = take_for_openssl(size, file, line);
  if (memory == nullptr || (made == nullptr && size > 0)) return made;
  if (made != nullptr) std::memcpy(made, memory, std::min(size, malloc_usable_size(memory)));
  give_back(memory);
  return made;
}

}  // namespace

void* operator new(std::size_t size) { return or_throw(take(size)); }
void* operator new[](std::size_t size) { return or_throw(take(size)); }
void* operator new(std::size_t size, const std::nothrow_t& /*no*/) noexcept { return take(size); }
void* operator new[](std::size_t size, const std::nothrow_t& /*no*/) noexcept { return take(size); }
void* operator new(std::size_t size, std::align_val_t alignment) { return or_throw(take_aligned(size, alignment)); }
void* operator new[](std::size_t size, std::align_val_t alignment) { return or_throw(take_aligned(size, alignment)); }
void* operator new(std::size_t size, std::align_val_t alignment, const std::nothrow_t& /*no*/) noexcept {
  return take_aligned(size, alignment);
}
void* operator new[](std::size_t size, std::align_val_t alignment, const std::nothrow_t& /*no*/) noexcept {
  return take_aligned(size, alignment);
}

void operator delete(void* memory) noexcept { give_back(memory); }
void operator delete[](void* memory) noexcept { give_back(memory); }
void operator delete(void* memory, std::size_t /*size*/) noexcept { give_back(memory); }
void operator delete[](void* memory, std::size_t /*size*/) noexcept { give_back(memory); }
void operator delete(void* memory, const std::nothrow_t& /*no*/) noexcept { give_back(memory); }
void operator delete[](void* memory, const std::nothrow_t& /*no*/) noexcept { give_back(memory); }
void operator delete(void* memory, std::align_val_t /*alignment*/) noexcept { give_back(memory); }
void operator delete[](void* memory, std::align_val_t /*alignment*/) noexcept { give_back(memory); }
void operator delete(void* memory, std::size_t /*size*/, std::align_val_t /*alignment*/) noexcept { give_back(memory); }
void operator delete[](void* memory, std::size_t /*size*/, std::align_val_t /*alignment*/) noexcept { give_back(memory); }
void operator delete(void* memory, std::align_val_t /*alignment*/, const std::nothrow_t& /*no*/) noexcept { give_back(memory); }
void operator delete[](void* memory, std::align_val_t /*alignment*/, const std::nothrow_t& /*no*/) noexcept { give_back(memory); }

namespace gateway {

bool use_wiping_heap() { return CRYPTO_set_mem_functions(take_for_openssl, resize_for_openssl, give_back_for_openssl) == 1; }

}  // namespace gateway
