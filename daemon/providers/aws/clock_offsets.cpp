#include "daemon/providers/aws/clock_offsets.hpp"

namespace purser::aws {
namespace {

using namespace std::chrono_literals;

// AWS takes five minutes; the SDKs begin to correct a little before.
constexpr Duration k_tolerated = 4min;
constexpr std::size_t k_max_hosts = 64;

bool is_large(Duration offset)
{
  return offset > k_tolerated || offset < -k_tolerated;
}

} // namespace

WallTime ClockOffsets::at(const std::string& host, WallTime now) const
{
  const auto known = offsets_.find(host);
  return known == offsets_.end() ? now : now + known->second;
}

bool ClockOffsets::learn(const std::string& host, WallTime theirs, WallTime ours)
{
  const Duration offset = theirs - ours;
  const auto known = offsets_.find(host);
  const Duration used = known == offsets_.end() ? Duration::zero() : known->second;
  if (!is_large(offset - used)) return false;
  offsets_.erase(host);
  if (!is_large(offset)) return true; // the clock was set right
  if (offsets_.size() >= k_max_hosts) offsets_.clear();
  offsets_[host] = offset;
  return true;
}

} // namespace purser::aws
