// The only file of these tests that knows where the project is: all others come out of ccache in any checkout.
#include "documents.hpp"

#include <cstdlib>
#include <fstream>
#include <iterator>

namespace gateway {
namespace {
std::string at_root(const char* path) { return std::string(PROJECT_ROOT) + "/" + path; }
}  // namespace

std::string document(const char* path) {
  std::ifstream file{at_root(path)};
  return {std::istreambuf_iterator<char>{file}, {}};
}

std::string shipped(const char* path, const std::string& expected) {
  if (std::getenv("GATEWAY_WRITE_REFERENCE") != nullptr) std::ofstream{at_root(path)} << expected;
  return document(path);
}

}  // namespace gateway
