#include "daemon/server/attempt_limit.hpp"

#include <gtest/gtest.h>

namespace purser::test {
namespace {

using namespace std::chrono_literals;

TEST(AttemptLimit, TheFirstPassphraseNeverWaits)
{
  EXPECT_EQ(AttemptLimit().left(BootTime(0s)), 0s);
}

TEST(AttemptLimit, EachWrongOneDoublesTheDelayUpToAMinute)
{
  AttemptLimit limit;
  BootTime now{1h};
  for (const Duration delay : {1s, 2s, 4s, 8s, 16s, 32s, 60s, 60s}) {
    limit.failed(now);
    EXPECT_EQ(limit.left(now), delay);
    EXPECT_EQ(limit.left(now + delay - 1ns), 1ns);
    now += delay;
    EXPECT_EQ(limit.left(now), 0s);
  }
}

TEST(AttemptLimit, ARightOneBeginsAnew)
{
  AttemptLimit limit;
  limit.failed(BootTime(1h));
  limit.failed(BootTime(2h));
  limit.succeeded();
  EXPECT_EQ(limit.left(BootTime(2h)), 0s);
  limit.failed(BootTime(3h));
  EXPECT_EQ(limit.left(BootTime(3h)), 1s);
}

} // namespace
} // namespace purser::test
