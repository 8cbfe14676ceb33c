#pragma once

#include <cstdint>

namespace purser {

// What became of the connections of a Listener since it began, for metrics.
struct ConnectionTally {
  std::uint64_t open = 0; // now
  std::uint64_t accepted = 0;
  std::uint64_t refused = 0;   // of users that are not served
  std::uint64_t idle = 0;      // closed since nothing came
  std::uint64_t slow = 0;      // closed since a request or the reading of an answer took too long
  std::uint64_t displaced = 0; // closed while idle, since there were too many
};

} // namespace purser
