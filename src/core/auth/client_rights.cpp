#include "core/auth/client_rights.hpp"

#include <algorithm>

#include "core/request/families.hpp"

namespace gateway {
namespace {

constexpr std::string_view every_reading = "all";
constexpr std::string_view annotation_write = "annotation.write";

bool has(const right_set& may, std::string_view word) {
  auto const at = std::ranges::find(right_names, word) - right_names.begin();
  return at < std::ssize(right_names) && may[static_cast<std::size_t>(at)];
}

bool is_writing(client_method how) { return how == client_method::post; }

// The word that allows it; "": no word does, for the resource has no such method.
std::string_view word_of(resource what, client_method how) {
  if (!is_writing(how)) return name_of(what);
  if (what == resource::annotation) return annotation_write;
  return is_passthrough(what) ? family_of(what).write : "";
}

bool may_do(const right_set& may, resource what, client_method how) {
  return has(may, word_of(what, how)) || (!is_writing(how) && has(may, every_reading));  // defence: write-right-named
}

}  // namespace

client_rights::client_rights(const right_set& may, const client_method_set& methods, std::vector<account_sid> subaccounts)
    : may_(may), methods_(methods), subaccounts_(std::move(subaccounts)) {
  static_assert(static_cast<std::size_t>(resource::none) * client_method_names.size() <= 64);
  for (std::size_t what = 0; what < static_cast<std::size_t>(resource::none); ++what) {
    for (std::size_t how = 0; how < methods_.size(); ++how) {
      bool const is_allowed =
          methods_[how] && may_do(may_, static_cast<resource>(what), static_cast<client_method>(how));  // defence: right-method
      if (is_allowed) allowed_ |= std::uint64_t{1} << bit(static_cast<resource>(what), how);
    }
  }
  for (auto& one : subaccounts_) one = one.lower();
  std::ranges::sort(subaccounts_, {}, &account_sid::view);
}

const std::shared_ptr<const client_rights>& client_rights::usual() {
  static auto const made =
      std::make_shared<const client_rights>(reading_rights(), client_method_set{true, true, true}, std::vector<account_sid>{});
  return made;
}

missing_right client_rights::missing(resource what, std::string_view method) const {
  auto const how = index_of(method);
  if (how >= methods_.size()) return {"methods", "this method"};
  if (!methods_[how]) return {"methods", client_method_names[how]};
  return {"may", word_of(what, static_cast<client_method>(how))};
}

bool client_rights::sees(const account_sid& whose) const {
  // defence: subaccount-listed
  return sees_all() || std::ranges::binary_search(subaccounts_, whose.lower().view(), {}, &account_sid::view);
}

}  // namespace gateway
