#include "keyring/time_limit.hpp"

#include <condition_variable>
#include <mutex>
#include <stop_token>

namespace purser::keyring {
namespace {

void cancel_after(const std::stop_token& stop,
                  std::chrono::milliseconds limit,
                  GCancellable* cancellable)
{
  std::mutex mutex;
  std::condition_variable_any stopped;
  std::unique_lock lock(mutex);
  stopped.wait_for(lock, stop, limit, [&stop] { return stop.stop_requested(); });
  if (!stop.stop_requested()) g_cancellable_cancel(cancellable);
}

} // namespace

TimeLimit::TimeLimit(std::chrono::milliseconds limit)
  : cancellable_(g_cancellable_new())
  , timer_([limit, cancellable = cancellable_.get()](const std::stop_token& stop) {
    cancel_after(stop, limit, cancellable);
  })
{
}

} // namespace purser::keyring
