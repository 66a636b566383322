#include "io/runtime/authorities.hpp"

#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include "core/base/text.hpp"

namespace gateway {
namespace {

namespace fs = std::filesystem;

struct loaded_trust {
  std::size_t certificates = 0;
  std::string content;  // hashes of all that was loaded
};

// What the context has loaded so far.
loaded_trust loaded_by(SSL_CTX* context) {
  loaded_trust found;
  std::vector<std::string> hashes;
  auto const* const objects = X509_STORE_get0_objects(SSL_CTX_get_cert_store(context));
  for (int i = 0; i < sk_X509_OBJECT_num(objects); ++i) {
    auto const* const one = sk_X509_OBJECT_value(objects, i);
    std::array<unsigned char, EVP_MAX_MD_SIZE> hash{};
    unsigned size = 0;
    if (auto const* const certificate = X509_OBJECT_get0_X509(one)) {
      ++found.certificates;
      X509_digest(certificate, EVP_sha256(), hash.data(), &size);
    } else if (auto const* const revoked = X509_OBJECT_get0_X509_CRL(one)) {
      X509_CRL_digest(revoked, EVP_sha256(), hash.data(), &size);
    }
    hashes.emplace_back(hash.begin(), hash.begin() + size);
  }
  std::ranges::sort(hashes);
  for (auto const& one : hashes) found.content += one;
  return found;
}

// "4f316efb.0": OpenSSL reads such files when it needs them, and keeps what it has read.
bool is_hashed_name(const std::string& name) { return name.size() > 9 && name[8] == '.' && std::ranges::all_of(name.substr(0, 8), is_hex); }

// The files of OpenSSL's directories, so that a removed one is noticed.
std::string content_of_system_directories() {
  auto const* const chosen = std::getenv(X509_get_default_cert_dir_env());  // NOLINT(concurrency-mt-unsafe): no thread changes it
  std::string_view rest = chosen != nullptr ? chosen : X509_get_default_cert_dir();
  std::vector<fs::path> files;
  std::error_code error;
  while (!rest.empty()) {
    auto const folder = rest.substr(0, rest.find(':'));
    rest.remove_prefix(std::min(rest.size(), folder.size() + 1));
    for (fs::directory_iterator at{folder, error}, end; !error && at != end; at.increment(error)) {
      if (is_hashed_name(at->path().filename()) && at->is_regular_file(error)) files.push_back(at->path());
    }
  }
  std::ranges::sort(files);
  std::string all;
  for (auto const& one : files) {
    std::ifstream file{one, std::ios::binary};
    all.append(one.native()).append(std::istreambuf_iterator<char>{file}, {});
  }
  return all;
}

}  // namespace

std::optional<digest> trust_authorities(boost::asio::ssl::context& context, const std::string& file, std::string& why_not) {
  boost::system::error_code error;
  bool const is_system = file == "system";
  if (is_system) {
    context.set_default_verify_paths(error);
  } else {
    context.load_verify_file(file, error);
  }
  auto* const raw = context.native_handle();
  auto trust = loaded_by(raw);
  if (error || (!is_system && trust.certificates == 0)) {
    why_not = error ? error.message() : "it contains no certificate";
    return std::nullopt;
  }
  if (is_system) trust.content += content_of_system_directories();
  X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(raw), X509_V_FLAG_PARTIAL_CHAIN);
  return content_digest(trust.content);
}

}  // namespace gateway
