// The requests of a run: GETs for K distinct Call Summaries as Twilio's SDK for Node sends them, made before the clock starts.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace load {

enum class key_order { round_robin, random };

// SplitMix64: small, seeded, the same on every machine.
class seeded_numbers {
public:
  explicit seeded_numbers(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() {
    std::uint64_t mixed = state_ += 0x9e3779b97f4a7c15U;
    mixed = (mixed ^ (mixed >> 30U)) * 0xbf58476d1ce4e5b9U;
    mixed = (mixed ^ (mixed >> 27U)) * 0x94d049bb133111ebU;
    return mixed ^ (mixed >> 31U);
  }

private:
  std::uint64_t state_;
};

inline constexpr std::size_t sid_size = 34;
using sid = std::array<char, sid_size>;

// What stands before the CallSid in each request.
inline constexpr std::string_view before_sid = "GET /v1/Voice/";

// Starts with "CAb": the simulator keeps some SIDs that start with other digits for errors.
inline sid make_sid(seeded_numbers& numbers) {
  sid result{'C', 'A', 'b'};
  std::uint64_t bits = 0;
  for (std::size_t at = 3; at < sid_size; ++at) {
    if ((at - 3) % 16 == 0) bits = numbers.next();
    result[at] = "0123456789abcdef"[bits & 15U];
    bits >>= 4U;
  }
  return result;
}

// The calls that a run of so many keys asks for. With fewer keys they are the first ones of these.
inline std::vector<sid> sids_of(std::size_t keys, std::uint64_t seed) {
  seeded_numbers digits(seed);
  std::vector<sid> made;
  made.reserve(keys);
  for (std::size_t key = 0; key < keys; ++key) made.push_back(make_sid(digits));
  return made;
}

class summary_requests {
public:
  summary_requests(std::string_view host, std::string_view authorization, std::size_t keys, key_order order, std::uint64_t seed)
      : order_(order), numbers_(seed), sids_(sids_of(keys, seed)), text_(before_sid) {
    text_.append(sids_.front().data(), sid_size)
        .append("/Summary HTTP/1.1\r\nHost: ")
        .append(host)
        .append(
            "\r\n"
            "User-Agent: twilio-node/5.0.0 (linux x64) node/20.0.0\r\n"
            "Accept: application/json\r\n"
            "Accept-Charset: utf-8\r\n"
            "Accept-Encoding: gzip, compress, deflate, br\r\n"
            "Authorization: ")
        .append(authorization)
        .append("\r\nConnection: keep-alive\r\n\r\n");
  }

  // The next request's bytes, good until the next call.
  std::string_view next() {
    if (sids_.size() > 1) std::memcpy(text_.data() + before_sid.size(), sids_[next_key()].data(), sid_size);
    return text_;
  }

private:
  std::size_t next_key() {
    if (order_ == key_order::random) return numbers_.next() % sids_.size();
    const std::size_t key = turn_;
    turn_ = turn_ + 1 == sids_.size() ? 0 : turn_ + 1;
    return key;
  }

  key_order order_;
  seeded_numbers numbers_;
  std::vector<sid> sids_;
  std::string text_;
  std::size_t turn_ = 0;
};

}  // namespace load
