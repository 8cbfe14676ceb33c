#pragma once

#include "common/result.hpp"

#include <cstddef>
#include <map>
#include <string>

namespace purser {

// Who has been sent a registry's credential and answered with a token: `host[:port]` of the realm,
// for as long as the daemon runs. A registry that begins to name another one may have been taken
// over, also where both would do.
class RealmPins {
public:
  static constexpr std::size_t k_max = 4096;

  // unsafe where it was another one, with both names and how to allow this one. `configured`: the
  // configuration allows it, so that a change is no surprise.
  [[nodiscard]] Result<>
  check(const std::string& registry, const std::string& realm, bool configured) const;
  void note(const std::string& registry, const std::string& realm);
  void forget(const std::string& registry) { pins_.erase(registry); }

private:
  std::map<std::string, std::string> pins_;
};

} // namespace purser
