#include "tests/unit/renewal/simulation.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

namespace purser::test {
namespace {

using namespace std::chrono_literals;

// A month takes a second where it is optimized, and half a minute under a sanitizer.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || !defined(NDEBUG)
constexpr std::uint64_t k_default_count = 1;
#else
constexpr std::uint64_t k_default_count = 20;
#endif

struct Seeds {
  std::uint64_t first = 1;
  std::uint64_t count = k_default_count;
};

// PURSER_SEEDS=first:count
Seeds seeds()
{
  Seeds wanted;
  const char* const text = std::getenv("PURSER_SEEDS"); // NOLINT(concurrency-mt-unsafe)
  if (text == nullptr) return wanted;
  char* colon = nullptr;
  wanted.first = std::strtoull(text, &colon, 10);
  wanted.count = *colon == ':' ? std::strtoull(colon + 1, nullptr, 10) : 1;
  return wanted;
}

std::string joined(const std::vector<std::string>& lines)
{
  std::string all;
  for (const auto& line : lines)
    all += line + "\n";
  return all;
}

// What happened in a month must be enough for the promises to mean something.
void expect_busy(const Simulation::Counts& counts)
{
  EXPECT_GT(counts.questions, 10000U);
  EXPECT_GT(counts.refused, 100U);
  EXPECT_GT(counts.fetches, 10000U);
  EXPECT_GT(counts.sleeps, 10U);
  EXPECT_GT(counts.restarts, 3U);
  EXPECT_GT(counts.stampedes, 0U);
}

TEST(Simulation, AMonthBreaksNoPromiseWhateverTheSeed)
{
  const Seeds wanted = seeds();
  ASSERT_GT(wanted.count, 0U) << "PURSER_SEEDS is first:count";
  for (std::uint64_t seed = wanted.first; seed < wanted.first + wanted.count; ++seed) {
    Simulation::Plan plan;
    plan.seed = seed;
    Simulation simulation(plan);
    simulation.run();
    EXPECT_TRUE(simulation.broken().empty())
        << joined(simulation.broken()) << "replay: PURSER_SEEDS=" << seed
        << ":1 build/release/bin/unit_renewal --gtest_filter='Simulation.AMonth*'";
    if (simulation.broken().empty()) expect_busy(simulation.counts());
  }
}

std::uint64_t digest_of_a_short_one(Duration wall_jump)
{
  Simulation::Plan plan;
  plan.keys = 200;
  plan.length = 24h * 7;
  plan.wall_jump = wall_jump;
  Simulation simulation(plan);
  simulation.run();
  return simulation.digest();
}

TEST(Simulation, TheSameSeedIsTheSameStory)
{
  EXPECT_EQ(digest_of_a_short_one(0s), digest_of_a_short_one(0s));
}

TEST(Simulation, JumpsOfTheCivilClockChangeNothing)
{
  EXPECT_EQ(digest_of_a_short_one(24h * 3650), digest_of_a_short_one(0s));
}

} // namespace
} // namespace purser::test
