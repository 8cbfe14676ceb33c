#pragma once

#include "common/registry_key.hpp"
#include "daemon/providers/asker.hpp"
#include "daemon/time/clock.hpp"

#include <memory>
#include <string_view>
#include <utility>

namespace purser {

// What one request wants to know, whatever front end it came through.
struct Inquiry {
  Inquiry(RegistryKey k, std::shared_ptr<const Asker> a, Duration p)
    : key(k), asker(std::move(a)), patience(p)
  {
  }

  RegistryKey key;
  std::shared_ptr<const Asker> asker;
  Duration patience;
  // A literal; empty where the asker asks for itself. Otherwise it asks for one account of many,
  // whose token is in this variable: what does not come from that token is not handed out, since
  // it would serve every account.
  std::string_view account_token;
};

} // namespace purser
