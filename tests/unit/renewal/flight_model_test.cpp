#include "tests/unit/renewal/flight_model.hpp"
#include "tests/unit/renewal/simulated_issuer.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

namespace purser::test {
namespace {

// Sanitizers and debug builds are slower; scripts/soak goes a step deeper (PURSER_DEPTH).
#if defined(__SANITIZE_ADDRESS__) || !defined(NDEBUG)
constexpr std::size_t k_depth = 4;
constexpr int k_walks = 500;
#else
constexpr std::size_t k_depth = 5;
constexpr int k_walks = 5000;
#endif
constexpr std::size_t k_walk_length = 40;

using Steps = std::vector<std::size_t>;

std::size_t depth()
{
  const char* const text = std::getenv("PURSER_DEPTH"); // NOLINT(concurrency-mt-unsafe)
  return text == nullptr ? k_depth : std::strtoull(text, nullptr, 10);
}

std::string named(const Steps& steps, std::size_t count)
{
  std::string text;
  for (std::size_t i = 0; i < count; ++i)
    text += std::string(FlightModel::k_names.at(steps.at(i))) + " ";
  return text;
}

// How many of the steps were taken: all, or those up to the first that means nothing there.
std::size_t walk(FlightModel& model, const Steps& steps)
{
  model.begin();
  std::size_t taken = 0;
  while (taken < steps.size() && model.broken().empty() &&
         model.take(static_cast<FlightModel::Step>(steps[taken])))
    ++taken;
  const std::string during = model.broken();
  if (during.empty()) model.end();
  EXPECT_EQ(model.broken(), "") << "after: " << named(steps, std::min(taken + 1, steps.size()));
  return taken;
}

// The next in order that differs in the first `prefix` steps from this one; false after the last.
bool next(Steps& steps, std::size_t prefix)
{
  std::fill(steps.begin() + static_cast<std::ptrdiff_t>(prefix), steps.end(), 0);
  for (std::size_t i = prefix; i-- > 0;) {
    if (++steps[i] < FlightModel::k_names.size()) return true;
    steps[i] = 0;
  }
  return false;
}

TEST(Flight, EveryShortStoryEndsWell)
{
  FlightModel model;
  Steps steps(depth(), 0);
  std::uint64_t stories = 0;
  for (bool more = true; more && !testing::Test::HasFailure();) {
    const std::size_t taken = walk(model, steps);
    ++stories;
    more = next(steps, std::min(taken + 1, steps.size()));
  }
  RecordProperty("stories", std::to_string(stories));
  EXPECT_GT(stories, 1000U);
}

TEST(Flight, LongRandomStoriesEndWell)
{
  FlightModel model;
  Chance chance(1);
  for (int i = 0; i < k_walks && !testing::Test::HasFailure(); ++i) {
    Steps steps;
    model.begin();
    while (steps.size() < k_walk_length && model.broken().empty()) {
      steps.push_back(
          static_cast<std::size_t>(chance.below(static_cast<int>(FlightModel::k_names.size()))));
      (void)model.take(static_cast<FlightModel::Step>(steps.back()));
    }
    if (model.broken().empty()) model.end();
    EXPECT_EQ(model.broken(), "") << "after: " << named(steps, steps.size());
  }
}

} // namespace
} // namespace purser::test
