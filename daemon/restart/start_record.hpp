#pragma once

#include "common/result.hpp"
#include "daemon/time/clock.hpp"

#include <cstddef>
#include <string>

namespace purser {

// Notices a daemon that dies again and again: a line in a file for each start, by the boot
// clock, and none once a daemon ended in an orderly way. Whatever is wrong with the file counts
// as no crash. Blocks, for as long as a small file in the socket's folder takes.
class StartRecord {
public:
  static constexpr Duration k_window = std::chrono::minutes(1);
  static constexpr std::size_t k_too_many = 5; // crashes within the window

  explicit StartRecord(std::string path) : path_(std::move(path)) {}

  // Notes a start at `now`. How many earlier ones of the window did not end in an orderly way.
  [[nodiscard]] Result<std::size_t> note(BootTime now) const;
  // This daemon ends because it should.
  void end_in_order() const;

private:
  std::string path_;
};

} // namespace purser
