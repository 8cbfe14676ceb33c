#include "daemon/observe/log_ring.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace purser {
namespace {

// With what a heap keeps beside each text.
std::size_t cost_of(const LogLine& line)
{
  constexpr std::size_t k_beside = 16;
  return sizeof(LogLine) + line.text.capacity() + k_beside;
}

} // namespace

void LogRing::add(WallTime at, std::string_view level, std::string text)
{
  text.shrink_to_fit();
  const std::lock_guard lock(mutex_);
  lines_.push_back({++last_, at, level, std::move(text)});
  bytes_ += cost_of(lines_.back());
  while (bytes_ > k_max_bytes && lines_.size() > 1) {
    bytes_ -= cost_of(lines_.front());
    lines_.pop_front();
  }
}

std::vector<LogLine> LogRing::since(std::uint64_t after) const
{
  const std::lock_guard lock(mutex_);
  const auto first = std::find_if(lines_.begin(), lines_.end(),
                                  [after](const LogLine& line) { return line.number > after; });
  return {first, lines_.end()};
}

std::uint64_t LogRing::last() const
{
  const std::lock_guard lock(mutex_);
  return last_;
}

} // namespace purser
