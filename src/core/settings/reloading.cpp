#include "core/settings/reloading.hpp"

#include <string>

#include "core/settings/settings_table.hpp"

namespace gateway {
namespace {

// Visits the settings table until it finds one key.
class live_finder {
public:
  explicit live_finder(std::string_view wanted) : wanted_(wanted) {}

  template <class Body>
  void section(std::string_view key, std::string_view, Body&& body) {
    auto const outer = section_;
    section_ += std::string{key} + ".";
    body();
    section_ = outer;
  }
  template <class... Rest>
  void count(setting_key key, Rest&&...) {
    see(key);
  }
  template <class... Rest>
  void count_or_auto(setting_key key, Rest&&...) {
    see(key);
  }
  template <class... Rest>
  void span(setting_key key, Rest&&...) {
    see(key);
  }
  template <class... Rest>
  void bytes(setting_key key, Rest&&...) {
    see(key);
  }
  template <class... Rest>
  void bytes_or_auto(setting_key key, Rest&&...) {
    see(key);
  }
  template <class... Rest>
  void spans(setting_key key, Rest&&...) {
    see(key);
  }
  template <class... Rest>
  void sizes(setting_key key, Rest&&...) {
    see(key);
  }
  template <class... Rest>
  void text(setting_key key, Rest&&...) {
    see(key);
  }
  template <class... Rest>
  void texts(setting_key key, Rest&&...) {
    see(key);
  }
  template <class... Rest>
  void flag(setting_key key, Rest&&...) {
    see(key);
  }
  template <class... Rest>
  void choice(setting_key key, Rest&&...) {
    see(key);
  }
  template <class... Rest>
  void choices(setting_key key, Rest&&...) {
    see(key);
  }
  template <class... Rest>
  void states(setting_key key, Rest&&...) {
    see(key);
  }
  template <class... Rest>
  void listeners(setting_key key, Rest&&...) {
    see(key);
  }
  template <class... Rest>
  void list(setting_key key, Rest&&...) {
    see(key);
  }
  template <class... Rest>
  void group(Rest&&...) {}  // of a row, which changes with its list
  template <class... Rest>
  void list_like(setting_key key, Rest&&...) {
    see(key);
  }

  [[nodiscard]] bool is_live() const { return is_live_; }

private:
  void see(const setting_key& key) {
    if (section_ + std::string{key.name} == wanted_) is_live_ = key.is_live;
  }

  std::string_view wanted_;
  std::string section_;
  bool is_live_ = false;
};

}  // namespace

bool is_live(std::string_view key) {
  live_finder finder{key};
  settings defaults;
  visit_settings(finder, defaults);
  return finder.is_live();
}

}  // namespace gateway
