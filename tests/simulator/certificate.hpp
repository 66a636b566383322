#pragma once
// A certificate authority of the simulator's own, made at every start, and the leaf it signs for localhost, twilio-simulator, 127.0.0.1 and
// ::1; also leaves with one thing wrong, for clients that must refuse them.
#include <optional>
#include <string>
#include <string_view>

namespace simulator {

enum class leaf_kind { good, wrong_name, expired, self_signed };
std::optional<leaf_kind> parse_leaf_kind(std::string_view name);

struct certificate_pair {
  std::string ca_pem;  // of the authority
  std::string leaf_pem;
  std::string key_pem;  // of the leaf
};

certificate_pair make_certificates(leaf_kind kind);  // throws std::runtime_error when OpenSSL refuses

}  // namespace simulator
