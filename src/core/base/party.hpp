// A party of a call: a phone number or a SIP address (the pages say: a number). People and Twilio write one party in many ways; all of
// them have one form here, such as "+4930123456" or "alice@example.com". The user of a SIP address keeps its case (RFC 3261 §19.1.4).
// A SIP address whose user is a number with its country code is that number.
// Thread rule: pure functions.
#pragma once

#include <functional>
#include <optional>
#include <string_view>

#include "core/base/keyed_hash.hpp"
#include "core/base/secret.hpp"

namespace gateway {

// E.164 has fifteen digits at most; fewer than seven name no subscriber.
inline constexpr std::size_t least_party_digits = 7;
inline constexpr std::size_t most_party_digits = 15;

// The form of the one party that the text names, and nothing else. Nothing: `why_not` says what would be right, and repeats nothing of it.
std::optional<secret> read_party(std::string_view text, std::string_view& why_not);

// Calls see(form) for each party that a body may hold, wherever it stands: in JSON escapes, percent-encoded, between other words. What is
// next to each other is tried together and apart, so `see` also gets what is none, such as dates, and one party several times.
void find_parties(std::string_view body, const std::function<void(std::string_view)>& see);

// What stands for a party where it must not be readable.
inline digest party_hash(const fingerprint_key& key, std::string_view form) { return fingerprint(key, form); }

}  // namespace gateway
