#pragma once

#include "keyring/glib.hpp"

#include <chrono>
#include <thread>

namespace purser::keyring {

// Cancels the calls that got its cancellable when the time is over, from a thread of its own:
// libsecret's blocking calls run no main loop that could hold a timer.
class TimeLimit {
public:
  explicit TimeLimit(std::chrono::milliseconds limit);

  [[nodiscard]] GCancellable* cancellable() const { return cancellable_.get(); }

private:
  ObjectPtr<GCancellable> cancellable_;
  std::jthread timer_; // ends before the cancellable does
};

} // namespace purser::keyring
