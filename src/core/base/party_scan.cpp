// Finds parties in bodies, for core/base/party.
#include <algorithm>
#include <array>
#include <string>

#include "core/base/party.hpp"
#include "core/base/party_text.hpp"
#include "core/base/text.hpp"

namespace gateway {
namespace {

// Digits as they come, in groups that gaps separate. At the end of each group, all numbers that end there are seen.
class digit_groups {
public:
  explicit digit_groups(const std::function<void(std::string_view)>& see) : see_(see) {}

  void digit(char c) {
    if (!in_group_) begin_group();
    while (size_ == digits_.size() && groups_ > 1) drop_first();
    if (size_ == digits_.size()) {
      is_overlong_ = true;
    } else {
      digits_[size_++] = c;
    }
  }
  void gap(char32_t c) {
    // +49 (0)30 123456: the 0 is for those who dial without the country code.
    bool const is_trunk =
        c == ')' && in_group_ && in_brackets_ && groups_ > 1 && size_ - starts_[groups_ - 1] == 1 && digits_[size_ - 1] == '0';
    if (is_trunk) {
      size_ = starts_[--groups_];
      in_group_ = false;
    }
    end_group();
    opens_ = c == '(';
  }
  void end() {
    end_group();
    size_ = groups_ = 0;
    opens_ = false;
  }

private:
  void begin_group() {
    in_group_ = true;
    in_brackets_ = opens_;
    if (groups_ == starts_.size()) drop_first();
    starts_[groups_++] = size_;
  }
  void end_group() {
    if (!in_group_) return;
    in_group_ = false;
    if (is_overlong_) {
      is_overlong_ = false;
      size_ = groups_ = 0;
    }
    for (std::size_t i = 0; i < groups_; ++i) {
      auto const form = phone_form({digits_.data() + starts_[i], size_ - starts_[i]});
      if (!form.empty()) see_(form);
    }
  }
  void drop_first() {
    auto const gone = groups_ > 1 ? starts_[1] : size_;
    std::copy(digits_.begin() + static_cast<std::ptrdiff_t>(gone), digits_.begin() + static_cast<std::ptrdiff_t>(size_), digits_.begin());
    for (std::size_t i = 1; i < groups_; ++i) starts_[i - 1] = starts_[i] - gone;
    size_ -= gone;
    --groups_;
  }

  const std::function<void(std::string_view)>& see_;
  std::array<char, most_party_digits + international_prefix.size()> digits_{};
  std::array<std::size_t, most_party_digits + international_prefix.size()> starts_{};  // of the groups
  std::size_t size_ = 0;
  std::size_t groups_ = 0;
  bool in_group_ = false;
  bool in_brackets_ = false;  // the group began behind an opening bracket
  bool opens_ = false;        // the last gap was one
  bool is_overlong_ = false;  // more digits than any number has
};

std::string decoded_text(std::string_view text) {
  std::string made;
  while (!text.empty()) {
    auto const next = first_character(text);
    made += next.value < 0x80 ? static_cast<char>(next.value) : '?';
    text.remove_prefix(next.size);
  }
  return made;
}

// `before`: what stands before the @, back to the last character that no address holds.
void see_address(std::string_view before, std::string_view behind, const std::function<void(std::string_view)>& see) {
  auto const token = decoded_text(before);
  std::string host;
  while (!behind.empty() && host.size() <= longest_party_host) {
    auto const next = first_character(behind);
    if (next.value >= 0x80 || !is_party_host(static_cast<char>(next.value))) break;
    host += static_cast<char>(next.value);
    behind.remove_prefix(next.size);
  }
  auto const form = address_form(user_in(token), host);
  if (!form.empty()) see(form);
}

}  // namespace

void find_parties(std::string_view body, const std::function<void(std::string_view)>& see) {
  digit_groups numbers{see};
  std::size_t token = 0;  // where the current word begins
  for (std::size_t at = 0; at < body.size();) {
    // Most bytes stand for themselves.
    auto const byte = static_cast<unsigned char>(body[at]);
    bool const is_plain = byte < 0x80 && byte != '\\' && byte != '%';
    auto const next = is_plain ? decoded_character{byte, 1} : first_character(body.substr(at));
    auto const c = next.value;
    if (c < 0x80 && is_digit(static_cast<char>(c))) {
      numbers.digit(static_cast<char>(c));
    } else if (is_digit_gap(c)) {
      numbers.gap(c);
    } else {
      numbers.end();
    }
    auto const behind = at + next.size;
    if (c == '@') {
      see_address(body.substr(token, at - token), body.substr(behind), see);
      token = behind;
    } else if (c >= 0x80 || !is_party_user(static_cast<char>(c))) {
      token = behind;
    } else if (at - token > 4 * longest_party_user) {
      token = at - longest_party_user;  // a longer word holds no address before this
    }
    at = behind;
  }
  numbers.end();
}

}  // namespace gateway
