#pragma once

namespace purser::helper {

// The moment at which the helper stops waiting, whatever it waits for.
//
// CLOCK_MONOTONIC: nobody waits for a helper across a suspend, and a clock that is
// set must not end it.
class Deadline {
public:
  // `limit` milliseconds from now, less a little: what is kept back is for the line
  // that says so.
  explicit Deadline(int limit);

  // 0 once it has passed.
  [[nodiscard]] int milliseconds_left() const;
  [[nodiscard]] bool passed() const { return milliseconds_left() == 0; }
  [[nodiscard]] int limit() const { return limit_; }

  // Waits, at most until the deadline.
  void pause(int milliseconds) const;

  // Lets SIGALRM end the process at the limit itself. For the waits that cannot be
  // given a time: a hung file system, a standard output that nobody reads.
  void arm_backstop() const;

private:
  int limit_;
  long long hard_end_; // nanoseconds
  long long end_;
};

// The limit that PURSER_DEADLINE_MS asks for. It can only be lowered; a value that
// is not a number from 1 up to the limit is not used.
[[nodiscard]] int limit_in_milliseconds();

} // namespace purser::helper
