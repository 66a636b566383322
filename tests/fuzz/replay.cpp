// Runs a fuzz target over every file of the given folders: the corpus as a test of its own, with any compiler.
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>

#include "target.hpp"

namespace {

void run(const std::string& bytes) {
  // Exactly as many bytes as there are: a read behind them is a read behind a heap block.
  auto const exact = std::make_unique<std::uint8_t[]>(bytes.size());
  std::copy(bytes.begin(), bytes.end(), exact.get());
  LLVMFuzzerTestOneInput(exact.get(), bytes.size());
}

}  // namespace

int main(int argc, char** argv) {
  std::size_t count = 0;
  for (int i = 1; i < argc; ++i) {
    for (auto const& file : std::filesystem::recursive_directory_iterator{argv[i]}) {
      if (!file.is_regular_file()) continue;
      std::fprintf(stderr, "%s\n", file.path().c_str());  // the last one named is the one that failed
      std::ifstream in{file.path(), std::ios::binary};
      run(std::string(std::istreambuf_iterator<char>{in}, {}));
      ++count;
    }
  }
  run("");
  std::printf("%zu inputs replayed\n", count);
  return count == 0 ? 1 : 0;
}
