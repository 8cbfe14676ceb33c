#pragma once

#include "common/registry_key.hpp"
#include "common/result.hpp"
#include "daemon/async/worker.hpp"

#include <boost/asio/awaitable.hpp>

#include <string>

namespace purser {

// Whether this daemon hands out anything, and what it says while it does not.
//
// While it is locked it holds nothing that it could hand out. Hosts that nobody stored anything
// for are still "not found" at once, so that public images can be pulled: those that are in the
// index of managed hosts, which is in plain text, are not.
class KeyLock {
public:
  // `index` is the file of managed hosts. `files` outlives this.
  KeyLock(WorkerPool& files, std::string index) : files_(files), index_(std::move(index)) {}

  [[nodiscard]] bool locked() const { return locked_; }
  void set(bool locked) { locked_ = locked; }

  // What a request for `key` is told; `needs_token` where tokens are obtained for it, without which
  // a client cannot go on. not_configured where nobody stored anything for it;
  // interaction_required also where that cannot be known.
  [[nodiscard]] boost::asio::awaitable<Error> refusal(RegistryKey key, bool needs_token);

private:
  WorkerPool& files_;
  std::string index_;
  bool locked_ = false;
};

} // namespace purser
