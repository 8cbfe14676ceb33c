#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

namespace purser {

// Tells when somebody set the civil clock: NTP with a step, a person, a machine that resumes.
// Slewing is no step. Lifetimes do not care (BootClock); what was concluded from civil time does.
class ClockSettings {
public:
  // Throws where the kernel gives no timer.
  explicit ClockSettings(const boost::asio::any_io_executor& ex);

  // Returns after the next one; those that nobody waited for are one. Throws operation_aborted
  // when cancelled.
  [[nodiscard]] boost::asio::awaitable<void> next();

private:
  boost::asio::posix::stream_descriptor timer_;
};

} // namespace purser
