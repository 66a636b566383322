#include "io/access_files.hpp"

#include <fcntl.h>
#include <pwd.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

#include "core/auth/credentials.hpp"
#include "core/base/text.hpp"
#include "core/settings/validate.hpp"

namespace gateway {
namespace {

constexpr std::size_t max_file = 64 * 1024;

// What others on this machine must not be able to do with a file.
constexpr ::mode_t readable_by_all = S_IROTH;
constexpr ::mode_t writable_by_all = S_IWOTH;

class descriptor {
public:
  explicit descriptor(const std::string& path) : number_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {}
  descriptor(const descriptor&) = delete;
  descriptor& operator=(const descriptor&) = delete;
  ~descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  [[nodiscard]] int get() const { return number_; }

private:
  int number_;
};

struct file_content {
  secret text;  // surrounding white space removed
  std::string why_not;
};

std::string reason() { return std::generic_category().message(errno); }

// Whole, since its end is what tells one from another.
std::string shown(const std::string& path) {
  std::string text{"'"};
  append_json_escaped(text, path);
  return text += '\'';
}

file_content read_guarded(const std::string& path, ::mode_t forbidden) {
  auto const name = shown(path);
  descriptor const file{path};
  struct stat about {};
  if (file.get() < 0 || ::fstat(file.get(), &about) != 0) return {{}, name + " cannot be read: " + reason()};
  if (!S_ISREG(about.st_mode)) return {{}, name + " is not a file"};
  if ((about.st_mode & forbidden) != 0) {
    return {{},
            name + " can be " + ((about.st_mode & forbidden & S_IWOTH) != 0 ? "written" : "read") +
                " by every user of this machine: chmod 600"};
  }
  std::string bytes(max_file + 1, '\0');
  auto const size = ::pread(file.get(), bytes.data(), bytes.size(), 0);
  std::string_view text{bytes.data(), static_cast<std::size_t>(std::max<::ssize_t>(size, 0))};
  auto const is_space = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  file_content content{secret{text}, {}};
  sodium_memzero(bytes.data(), bytes.size());
  if (size < 0) content.why_not = name + " cannot be read: " + reason();
  if (size > static_cast<::ssize_t>(max_file)) content.why_not = name + " is larger than 64KiB";
  if (content.why_not.empty() && content.text.empty()) content.why_not = name + " is empty";
  return content;
}

std::optional<std::uint32_t> user_number(const std::string& name) {
  if (auto const number = parse_decimal(name)) {
    if (*number > 0xffff'fffe) return std::nullopt;
    return static_cast<std::uint32_t>(*number);
  }
  passwd entry{};
  passwd* found = nullptr;
  std::array<char, 16 * 1024> room{};
  if (::getpwnam_r(name.c_str(), &entry, room.data(), room.size(), &found) != 0 || found == nullptr) return std::nullopt;
  return found->pw_uid;
}

class reading {
public:
  reading(const credential_settings& from, const fingerprint_key& key) : from_(from), key_(key) {}

  access_reading take() {
    result_.rules.key = key_;
    if (from_.mode == credentials_mode::inject) result_.rules.injecting = read();
    return std::move(result_);
  }

private:
  injection read() {
    injection rules;
    for (auto const& one : from_.accounts)
      rules.accounts.push_back(account(one, "credentials.accounts[" + std::to_string(rules.accounts.size()) + "]."));
    for (auto const& one : from_.clients)
      rules.clients.push_back(client_of(one, "credentials.clients[" + std::to_string(rules.clients.size()) + "]."));
    if (!from_.allow_unauthenticated.empty()) rules.guests = index_of(from_.allow_unauthenticated);
    check_tokens(rules);
    return rules;
  }

  identity account(const account_settings& one, const std::string& key) {
    auto const file = read_guarded(one.credential_file, readable_by_all | writable_by_all);
    auto authorization = compose_authorization(file.text.reveal());
    if (!file.why_not.empty()) {
      report(key + "credential_file", file.why_not);
    } else if (authorization.empty()) {
      report(key + "credential_file", shown(one.credential_file) + " must hold SID:SECRET or a bearer token, and nothing else");
    }
    note(file.text.reveal());
    return identity{partition_of_account(one.name, file.text.reveal(), key_), std::make_shared<const secret>(std::move(authorization))};
  }

  known_client client_of(const client_settings& one, const std::string& key) {
    known_client made;
    made.name = one.name;
    made.account = index_of(one.account);
    made.asker = partition_of_client(one.name, key_);
    made.certificate = one.certificate;
    if (!one.token_file.empty()) made.tokens = tokens(one.token_file, key + "token_file");
    if (!one.unix_user.empty()) {
      made.unix_user = user_number(one.unix_user);
      if (!made.unix_user) report(key + "unix_user", quoted(one.unix_user) + " is no user of this machine");
    }
    return made;
  }

  // A hash lets nobody in, so everybody may read it; but whoever can write it can let themselves in.
  std::vector<token_hash> tokens(const std::string& path, const std::string& key) {
    std::vector<token_hash> found;
    auto const file = read_guarded(path, writable_by_all);
    if (!file.why_not.empty()) report(key, file.why_not);
    note(file.text.reveal());
    for (auto rest = file.text.reveal(); !rest.empty();) {
      auto const end = std::min(rest.find('\n'), rest.size());
      auto const line = trim_ows(rest.substr(0, end - (end > 0 && rest[end - 1] == '\r' ? 1 : 0)));
      rest.remove_prefix(std::min(end + 1, rest.size()));
      if (line.empty()) continue;
      auto const hash = parse_token_hash(line);
      if (!hash) {
        report(key, shown(path) + " must hold only lines that summary-gateway --hash-token printed: sha256: and 64 digits");
        return {};
      }
      found.push_back(*hash);
    }
    return found;
  }

  // A token that two clients share would prove neither.
  void check_tokens(const injection& rules) {
    for (std::size_t i = 0; i < rules.clients.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        for (auto const& mine : rules.clients[i].tokens) {
          if (std::ranges::find(rules.clients[j].tokens, mine) == rules.clients[j].tokens.end()) continue;
          report("credentials.clients[" + std::to_string(i) + "].token_file",
                 "holds a token that is also client " + quoted(from_.clients[j].name) + "'s");
        }
      }
    }
  }

  // Of an account that validation has found to exist.
  [[nodiscard]] std::size_t index_of(const std::string& name) const {
    return static_cast<std::size_t>(std::ranges::find(from_.accounts, name, &account_settings::name) - from_.accounts.begin());
  }

  void note(std::string_view content) {
    std::string joined{reinterpret_cast<const char*>(result_.rules.content.data()), result_.rules.content.size()};
    joined += content;
    result_.rules.content = fingerprint(key_, joined);
    sodium_memzero(joined.data(), joined.size());
  }

  void report(std::string key, std::string text) { result_.problems.push_back({0, std::move(key), std::move(text)}); }

  const credential_settings& from_;
  const fingerprint_key& key_;
  access_reading result_;
};

}  // namespace

access_reading read_access(const credential_settings& from, const fingerprint_key& key) { return reading{from, key}.take(); }

}  // namespace gateway
