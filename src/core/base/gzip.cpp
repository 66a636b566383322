#include "core/base/gzip.hpp"

#include <libdeflate.h>

#include <memory>

namespace gateway {
namespace {

// Level 6 makes summaries two to seven per cent smaller and takes more than half as long again.
constexpr int level = 1;

struct release {
  void operator()(libdeflate_compressor* one) const { libdeflate_free_compressor(one); }
};

// One compressor per thread is reused, because its tables are larger than the texts. Its state does not affect the next result.
libdeflate_compressor* compressor() {
  thread_local std::unique_ptr<libdeflate_compressor, release> const mine{libdeflate_alloc_compressor(level)};
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

}  // namespace gateway
