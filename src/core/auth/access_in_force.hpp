// Mode inject: which credentials and tokens are in force while the files that hold them change, each file by itself, so that one which
// cannot be used keeps no other from counting:
//   an account's credential     what can be used counts; else the one before stays, since somebody has to ask
//   a client's tokens           a line that is gone, an empty file, or one that is missing at two looks in a row ends them; one that cannot
//   be
//                               read or understood leaves this client what it had
//   a token in two files        proves neither of their clients
// Thread rule: none of its own; belongs to whoever looks at the files (app/access_watch).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/auth/authorizer.hpp"

namespace gateway {

enum class file_state : std::uint8_t { sound, missing, unusable };

// What the files say at one moment, in the order of the settings.
struct access_look {
  struct account {
    file_state is = file_state::sound;
    std::string why_not;          // with the setting's key; "" if it is sound
    std::optional<identity> who;  // if it is sound
  };
  struct client {
    file_state is = file_state::sound;  // of the tokens
    std::string why_not;
    std::vector<token_hash> tokens;          // if it is sound
    std::optional<std::uint32_t> unix_user;  // nothing: it has none, or that name means nobody now
    std::string key;                         // of the setting
  };
  std::vector<account> accounts;
  std::vector<client> clients;
  digest content{};  // of all files
};

class access_in_force {
public:
  // As they were read when everything was sound.
  explicit access_in_force(const access_rules& rules);

  struct outcome {
    bool changed = false;               // something else counts from now on, or what was broken has been mended
    std::vector<std::string> warnings;  // what cannot be used, and what was ended for that; each once
    unsigned failures = 0;              // of these, how many cannot be used
  };
  outcome look(const access_look& seen);

  // What counts now.
  [[nodiscard]] const access_rules& rules() const { return rules_; }
  // How many of the files cannot be used now.
  [[nodiscard]] std::size_t unusable() const;

private:
  // Of one setting's file.
  struct memory {
    file_state was = file_state::sound;
    std::string logged;              // why it could not be used; "" if it could
    std::vector<token_hash> tokens;  // that it gave last
  };
  bool note(memory& file, file_state is, const std::string& why_not, std::string_view consequence, outcome& came);
  bool look_at(const access_look::account& seen, memory& file, identity& in_force, outcome& came);
  bool look_at(const access_look::client& seen, memory& file, known_client& in_force, outcome& came);
  bool give_tokens(const access_look& seen, outcome& came);

  access_rules rules_;
  std::vector<memory> accounts_;
  std::vector<memory> clients_;
  std::vector<token_hash> duplicates_;  // tokens in two files, of which was told
};

}  // namespace gateway
