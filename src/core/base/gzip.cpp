#include "core/base/gzip.hpp"

#include <libdeflate.h>

#include <algorithm>
#include <memory>

namespace gateway {
namespace {

// Level 6 makes summaries two to seven per cent smaller and takes more than half as long again.
constexpr int level = 1;

struct release {
  void operator()(libdeflate_compressor* one) const { libdeflate_free_compressor(one); }
  void operator()(libdeflate_decompressor* one) const { libdeflate_free_decompressor(one); }
};

// One compressor per thread is reused, because its tables are larger than the texts. Its state does not affect the next result.
libdeflate_compressor* compressor() {
  thread_local std::unique_ptr<libdeflate_compressor, release> const mine{libdeflate_alloc_compressor(level)};
  return mine.get();
}

libdeflate_decompressor* decompressor() {
  thread_local std::unique_ptr<libdeflate_decompressor, release> const mine{libdeflate_alloc_decompressor()};
  return mine.get();
}

}  // namespace

std::string gzip(std::string_view bytes) {
  auto* const with = compressor();
  if (with == nullptr) return {};
  std::string packed(libdeflate_gzip_compress_bound(with, bytes.size()), '\0');
  packed.resize(libdeflate_gzip_compress(with, bytes.data(), bytes.size(), packed.data(), packed.size()));
  return packed;
}

std::optional<std::string> gunzip(std::string_view packed, std::size_t most) {
  // JSON is seldom packed to less than an eighth. Each doubling unpacks the member at hand once more, so the work stays linear.
  static constexpr std::size_t usual_ratio = 8;
  auto* const with = decompressor();
  if (with == nullptr || packed.empty()) return std::nullopt;
  std::string content(std::min(most, packed.size() * usual_ratio), '\0');
  std::size_t size = 0;
  while (!packed.empty()) {
    std::size_t taken = 0;
    std::size_t made = 0;
    auto const result =
        libdeflate_gzip_decompress_ex(with, packed.data(), packed.size(), content.data() + size, content.size() - size, &taken, &made);
    if (result == LIBDEFLATE_INSUFFICIENT_SPACE && content.size() < most) {  // defence: gzip-bomb
      content.resize(std::min(most, content.size() * 2));
      continue;
    }
    if (result != LIBDEFLATE_SUCCESS) return std::nullopt;
    packed.remove_prefix(taken);
    size += made;
  }
  content.resize(size);
  return content;
}

}  // namespace gateway
