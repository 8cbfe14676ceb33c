#pragma once

#include "daemon/observe/histogram.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace purser {

// How many requests there were of each verb, what came of them and how long they took. Both are
// words of ours, of which there are few.
class RequestTally {
public:
  struct Verb {
    std::map<std::string, std::uint64_t, std::less<>> outcomes;
    Histogram<12> seconds{{0.0001, 0.00025, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10}};
  };

  void add(std::string_view verb, const std::string& outcome, std::chrono::nanoseconds took)
  {
    Verb& counts = verbs_[verb];
    ++counts.outcomes[outcome];
    counts.seconds.observe(std::chrono::duration<double>(took).count());
  }
  [[nodiscard]] const std::map<std::string_view, Verb>& verbs() const { return verbs_; }

private:
  std::map<std::string_view, Verb> verbs_; // literals
};

} // namespace purser
