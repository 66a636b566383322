// The names in a client's certificate, each with its type, and the names of settings that they are compared with. A name is only ever
// compared with one of the same type. A malformed one is not passed over: the certificate then proves nothing at all, for nobody can say
// what its issuer meant. The order of the names means nothing either.
// Source: RFC 5280 §4.2.1.6 (DNS names, URIs, e-mail addresses), RFC 3986 §2 (URI), SPIFFE-ID §2, X509-SVID §2.
// Thread rule: values.
#pragma once

#include <boost/system/result.hpp>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/auth/proof_refusal.hpp"

namespace gateway {

enum class name_type : std::uint8_t { dns, uri, email };
std::string_view name_of(name_type type);

// As the certificate has it: any bytes.
struct raw_name {
  name_type type = name_type::dns;
  std::string_view bytes;
};

// In the one spelling that equal names have.
struct certificate_name {
  name_type type = name_type::dns;
  std::string text;
  // For operators: "uri:…", "email:…", or a DNS name alone, which has no colon.
  [[nodiscard]] std::string shown() const;
  friend bool operator==(const certificate_name&, const certificate_name&) = default;
};
using certificate_names = std::vector<certificate_name>;

inline constexpr std::size_t max_certificate_names = 64;

// All that can prove a client. A wildcard (*.example.com) names no client, so it is left out.
boost::system::result<certificate_names, proof_refusal> read_names(const std::vector<raw_name>& shown);

// A name of the settings: exact, or the SPIFFE ids of a trust domain below a path.
class name_pattern {
public:
  // Of no name.
  name_pattern() = default;
  // "dns:NAME", "uri:NAME", "email:NAME"; NAME alone is a DNS name. "uri:spiffe://DOMAIN/PATH/*": all ids below that path. The error is a
  // sentence without its subject.
  static boost::system::result<name_pattern, std::string> parse(std::string_view setting);

  // 0: it is another name. Otherwise the larger, the more exactly the pattern says it.
  [[nodiscard]] std::size_t fit(const certificate_name& name) const;
  // In its one spelling, with the type; "" for that of no name.
  [[nodiscard]] std::string text() const;

private:
  certificate_name like_;  // of a pattern: up to the "/" before the "*"
  bool is_below_ = false;  // the name goes on behind that
};

// To whom a certificate belongs; null: to nobody.
template <class Entry>
struct certificate_owner {
  const Entry* entry = nullptr;
  bool is_ambiguous = false;
};

// Each name finds the entry that says it most exactly, among those that counts(entry) admits. Names of several entries prove none of them,
// for nobody can say which one asks. An entry has a name_pattern `certificate`.
template <class Entry, class Counts>
certificate_owner<Entry> owner_of(const certificate_names& names, const std::vector<Entry>& all, Counts&& counts) {
  const Entry* owner = nullptr;
  for (auto const& name : names) {
    const Entry* nearest = nullptr;
    std::size_t best = 0;
    for (auto const& one : all) {
      auto const fit = one.certificate.fit(name);
      if (fit > best && counts(one)) {  // defence: most-exact-name
        nearest = &one;
        best = fit;
      }
    }
    if (nearest == nullptr || nearest == owner) continue;
    if (owner != nullptr) return {nullptr, true};  // defence: one-client-named
    owner = nearest;
  }
  return {owner, false};
}

}  // namespace gateway
