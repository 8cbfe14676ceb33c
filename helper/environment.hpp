#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace purser::helper {

// The value of a variable of our caller; empty where it is unset.
[[nodiscard]] std::string_view variable(std::string_view name);

// What a daemon starts with: nothing of the job that happens to be first to need
// it, whose secrets would otherwise be every later job's.
class DaemonEnvironment {
public:
  DaemonEnvironment();

  // False where there were more variables than fit.
  [[nodiscard]] bool complete() const { return complete_; }
  // For execve(). Points into our own environment.
  [[nodiscard]] char* const* entries() const { return entries_.data(); }

private:
  static constexpr std::size_t k_size = 256;

  std::array<char*, k_size> entries_{};
  bool complete_ = true;
};

} // namespace purser::helper
