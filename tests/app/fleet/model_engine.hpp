// The engine of the model: what the scripts of the second tier do, as a table in memory, and everything that may go wrong with a real one.
// It replies as the scripts do in a real engine (tests/engine/tier_twin_test.cpp).
#pragma once

#include <functional>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "core/fleet/tier_scripts.hpp"
#include "io/fleet/engine.hpp"

namespace gateway::test {

class model_engine final : public engine {
public:
  model_engine(unsigned seed, bool faulty) : random_(seed), faulty_(faulty) {}

  bool away = false;
  bool lies = false;          // it exchanges, repeats and damages what it holds
  std::uint64_t version = 0;  // of the newest mark
  std::uint64_t claimed = 0;  // of the newest mark of an erased party: what was claimed before it is not stored
  std::uint64_t now = 1'764'445'077'000;
  std::set<std::string> replicas;                           // that live
  std::function<void(const std::string& message)> publish;  // the feed
  std::uint64_t refused = 0, lied = 0;

  task<engine_answer> run(executor, script_call call) override {
    if (away || (faulty_ && random_() % 64 == 0)) {
      ++refused;
      co_return engine_answer{away ? engine_trouble::away : engine_trouble::late};
    }
    ++now;
    if (lies && random_() % 4 == 0) lie();
    co_return engine_answer{reply_to(call)};
  }
  engine_reply reply_to(const script_call& call) {
    auto& hash = hashes_[call.keys[0]];
    bool const claims = call.script->source().starts_with("-- tier claim");
    return claims ? claim(hash, call.values) : settle(hash, call.values);
  }
  // What has not ended, as the engine would have it.
  [[nodiscard]] std::map<std::string, std::string> fields_of(const std::string& key) {
    std::map<std::string, std::string> found;
    for (auto const& [field, parts] : hashes_[key])
      if (std::stoull(parts[0]) > now) found[field] = parts[0] + " " + parts[1] + " " + parts[2];
    return found;
  }
  void flush() { hashes_.clear(); }
  void put(const std::string& key, const tier_settlement::value& one) {
    hashes_[key][one.field] = {std::to_string(now + static_cast<std::uint64_t>(one.lives.count())), "ab", one.sealed};
  }

private:
  using fields = std::map<std::string, std::vector<std::string>>;  // a value's parts: until, then the others

  static engine_reply text(std::string value) {
    engine_reply made;
    made.is = engine_reply::kind::text;
    made.text = std::move(value);
    return made;
  }
  engine_reply say(std::vector<std::string> parts) const {
    engine_reply made;
    made.is = engine_reply::kind::array;
    parts.insert(parts.begin() + 1, {std::to_string(now), std::to_string(version)});
    for (auto& one : parts) made.items.push_back(text(std::move(one)));
    return made;
  }

  engine_reply claim(fields& hash, const std::vector<std::string>& v) {
    auto const& [mode, question, replica, token, lives, unusable, waited] = std::tie(v[0], v[1], v[2], v[3], v[4], v[5], v[6]);
    auto const lease = "l:" + v[7] + ":" + question;
    auto const find = [&, but = std::string_view{unusable}](const std::string& field) -> const std::vector<std::string>* {
      auto const at = hash.find(field);
      bool const is_there = at != hash.end() && std::stoull(at->second[0]) > now && at->second[1] != but;
      return is_there ? &at->second : nullptr;
    };
    if (mode != "lead") {
      for (std::size_t i = 7; i < v.size(); ++i)
        if (auto const* const one = find("b:" + v[i])) return say({"summary", (*one)[1], (*one)[2], std::to_string(i - 7)});
      if (auto const* const one = find("n:" + v[7] + ":" + question)) return say({"refusal", (*one)[1], (*one)[2]});
      if (auto const held = hash.find(lease); held != hash.end()) {
        auto const& other = held->second;
        bool const counts = std::stoull(other[0]) > now && other[1] != replica && replicas.contains(other[1]);
        if (counts && mode == "share") return say({"wait", other[2]});
      } else if (!waited.empty() && unusable.empty()) {
        return say({"alone"});
      }
    }
    replicas.insert(replica);
    hash[lease] = {std::to_string(now + std::stoull(lives)), replica, token};
    return say({"lease"});
  }

  engine_reply settle(fields& hash, const std::vector<std::string>& v) {
    engine_reply made;
    made.is = engine_reply::kind::integer;
    auto values = 7 + std::stoul(v[6]);
    for (std::size_t i = 7; i < values; ++i) hash.erase("b:" + v[i]);
    auto const lease = hash.find("l:" + v[0] + ":" + v[1]);
    if (lease == hash.end() || lease->second[2] != v[2]) return made;
    hash.erase(lease);
    bool const is_void = std::stoull(v[5]) < claimed;
    if (is_void) values = v.size();
    for (std::size_t i = values; i < v.size(); i += 3) {
      hash[v[i]] = {std::to_string(now + std::stoull(v[i + 1])), v[2], v[i + 2]};
      if (seen_.size() < 256) seen_.push_back(v[i + 2]);
    }
    made.number = is_void ? 0 : 1;
    if (publish) publish(v[4]);
    return made;
  }

  // One stored answer becomes another one's, an older one, or nonsense.
  void lie() {
    std::vector<std::string*> all;
    for (auto& [key, hash] : hashes_) {
      for (auto& [field, value] : hash)
        if (!field.starts_with("l:")) all.push_back(&value[2]);
    }
    if (all.empty()) return;
    ++lied;
    auto& one = *all[random_() % all.size()];
    switch (random_() % 4) {
      case 0:
        std::swap(one, *all[random_() % all.size()]);
        break;
      case 1:
        one[random_() % one.size()] ^= 1;
        break;
      case 2:
        one = seen_[random_() % seen_.size()];
        break;
      default:
        one.assign("{}");
    }
  }

  std::mt19937 random_;
  bool faulty_;
  std::map<std::string, fields> hashes_;
  std::vector<std::string> seen_;  // sealed values of the past
};

}  // namespace gateway::test
