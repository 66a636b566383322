// The listener where Twilio delivers events, with its certificate and its tokens. It is on the control worker: an answer is a few
// microseconds of work, and its connections are few, so that a flood of strangers delays nothing else there for long.
// Thread rule: belongs to the control worker.
#pragma once

#include <functional>
#include <string>

#include "app/events/event_service.hpp"
#include "app/server/certificate_watch.hpp"
#include "core/settings/settings.hpp"
#include "io/files/guarded_file.hpp"
#include "io/net/single_listener.hpp"

namespace gateway {

class event_listener {
public:
  // Throws std::runtime_error if a file of the settings cannot be used. `noted`: called for each event that is noted.
  event_listener(const event_settings& from, worker& at, event_effects& effects, const short_hash_key& key,
                 std::function<void(const call_event&)> noted);

  bool open(inherited_sockets& inherited, std::string& why_not) { return listener_.open(address_, inherited, why_not); }
  void start(const limit_settings& limits) { listener_.start(limits_from(limits)); }
  void settings_changed(const limit_settings& limits) { listener_.settings_changed(limits_from(limits)); }
  void close() { listener_.close(); }

  [[nodiscard]] const single_listener<event_service>& listener() const { return listener_; }
  [[nodiscard]] certificate_watch& certificate() { return certificate_; }
  [[nodiscard]] const certificate_watch& certificate() const { return certificate_; }
  [[nodiscard]] const event_figures& figures() const { return service_.figures(); }

  [[nodiscard]] const std::string& token_path() const { return token_path_; }
  // What a look at that file found; every second. A file that cannot be used leaves the tokens as they were.
  void found(file_content tokens);
  // For a scrape.
  [[nodiscard]] std::uint64_t token_reloads() const { return token_reloads_; }
  [[nodiscard]] std::uint64_t token_failures() const { return token_failures_; }
  // 1 if the file cannot be used now, else 0.
  [[nodiscard]] std::uint64_t token_unusable() const { return why_not_.empty() ? 0 : 1; }

private:
  static limit_settings limits_from(const limit_settings& limits);

  const std::string address_;
  const std::string token_path_;
  secret tokens_;
  std::string why_not_;  // at the last look
  std::uint64_t token_reloads_ = 0;
  std::uint64_t token_failures_ = 0;
  certificate_watch certificate_;
  event_service service_;
  single_listener<event_service> listener_;
};

}  // namespace gateway
