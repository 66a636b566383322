// Mode inject: the credentials and tokens in force while their files change. Each file counts by itself, so a bad file blocks no other:
//   an account's credential     a usable file replaces it; otherwise the earlier credential stays, since the upstream needs one
//   a client's tokens           a removed line, an empty file, or a file missing at two checks in a row ends them;
//                               a file that cannot be read or understood leaves the client its earlier tokens
//   an issuer's keys            as a client's tokens: with the keys of a file that is gone, no JWT proves anything
//   a token in two files        proves neither of their clients
// Thread rule: none of its own; belongs to the watcher of the files (app/access_watch).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/auth/authorizer.hpp"

namespace gateway {

enum class file_state : std::uint8_t { sound, missing, unusable };

// The content of the files at one moment, in the order of the settings.
struct access_look {
  struct account {
    file_state is = file_state::sound;
    std::string why_not;          // with the setting's key; "" if the file is sound
    std::optional<identity> who;  // if it is sound
  };
  struct client {
    file_state is = file_state::sound;  // of the tokens
    std::string why_not;
    std::vector<token_hash> tokens;          // if it is sound
    std::optional<std::uint32_t> unix_user;  // nullopt: the client has none, or the system has no such user now
    std::string key;                         // of the setting
  };
  struct issuer {
    file_state is = file_state::sound;  // of its keys
    std::string why_not;
    std::vector<jwt_key> keys;  // if it is sound
    digest content{};           // of the file
  };
  std::vector<account> accounts;
  std::vector<client> clients;
  issuer jwt{};
  digest content{};  // of all files
};

class access_in_force {
public:
  // The rules as read while every file was sound.
  explicit access_in_force(const access_rules& rules);

  struct outcome {
    bool changed = false;               // the rules changed, or a broken file has been repaired
    std::vector<std::string> warnings;  // unusable files and the tokens ended for them; each once
    unsigned failures = 0;              // how many of the warnings are about unusable content
  };
  outcome look(const access_look& seen);

  // The rules in force.
  [[nodiscard]] const access_rules& rules() const { return rules_; }
  // The number of files that cannot be used now.
  [[nodiscard]] std::size_t unusable() const;

private:
  // The state of one setting's file.
  struct memory {
    file_state was = file_state::sound;
    std::string logged;              // why the file could not be used; "" if it could
    std::vector<token_hash> tokens;  // the last ones read from it
  };
  bool note(memory& file, file_state is, const std::string& why_not, std::string_view consequence, outcome& came);
  bool look_at(const access_look::account& seen, memory& file, identity& in_force, outcome& came);
  bool look_at(const access_look::client& seen, memory& file, known_client& in_force, outcome& came);
  bool look_at(const access_look::issuer& seen, outcome& came);
  bool give_tokens(const access_look& seen, outcome& came);

  access_rules rules_;
  std::vector<memory> accounts_;
  std::vector<memory> clients_;
  memory issuer_;
  std::vector<token_hash> duplicates_;  // tokens in two files, already logged
};

}  // namespace gateway
