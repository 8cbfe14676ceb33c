#pragma once

#include "common/secret.hpp"

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace purser {

// Keys that a passphrase opened, until they are forgotten. Each is held for the wrapped text that
// it came from (wrapped_key.hpp): a file that somebody else replaced is locked. At most two at a
// time in practice: the key, and the one that a rotation is about to bring. Several threads may
// use it at once.
class HeldKeys {
public:
  void hold(std::string wrapped, Secret key)
  {
    const std::lock_guard lock(mutex_);
    keys_.insert_or_assign(std::move(wrapped), std::move(key));
  }
  [[nodiscard]] std::optional<Secret> find(std::string_view wrapped) const
  {
    const std::lock_guard lock(mutex_);
    const auto found = keys_.find(wrapped);
    return found == keys_.end() ? std::nullopt : std::optional(found->second.clone());
  }
  void forget()
  {
    const std::lock_guard lock(mutex_);
    keys_.clear();
  }

private:
  mutable std::mutex mutex_;
  std::map<std::string, Secret, std::less<>> keys_;
};

} // namespace purser
