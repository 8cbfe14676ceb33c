#include "daemon/observe/life_log.hpp"

#include <gtest/gtest.h>

namespace purser {
namespace {

using namespace std::chrono_literals;
using Kind = RenewalEvent::Kind;
using spdlog::level::level_enum;

constexpr BootTime k_now{100h};

// Asked for `age` ago, for 12 hours.
Lifetime half_day(Duration age)
{
  return {k_now - age, k_now - age + 5h, k_now - age + 12h};
}

std::string line(const RenewalEvent& event, level_enum level)
{
  const auto said = life_line("token x", event, k_now);
  EXPECT_EQ(spdlog::level::to_string_view(said.level), spdlog::level::to_string_view(level));
  return said.text;
}

RenewalEvent failed(Errc code, std::uint64_t failures, bool again = false)
{
  RenewalEvent event(Kind::failed);
  event.error = Error(code, "scripted");
  event.same_cause = again;
  event.failing_since = k_now - 4h;
  event.failures = failures;
  return event;
}

TEST(LifeLog, AnOrdinaryLifeIsTold)
{
  RenewalEvent obtained(Kind::obtained);
  obtained.life = half_day(0s);
  EXPECT_EQ(line(obtained, level_enum::info), "token x: obtained, lives 12 h");
  RenewalEvent renewed(Kind::renewed);
  renewed.life = half_day(0s);
  renewed.before = half_day(5h + 24min);
  EXPECT_EQ(line(renewed, level_enum::info),
            "token x: renewed at the age of 5 h 24 m of 12 h, lives 12 h");
  EXPECT_EQ(line(RenewalEvent(Kind::expired), level_enum::info),
            "token x: expired and wiped: it was no longer in use");
  EXPECT_EQ(line(RenewalEvent(Kind::erased), level_enum::info),
            "token x: erased, as was asked for");
  EXPECT_EQ(line(RenewalEvent(Kind::evicted), level_enum::info),
            "token x: wiped, to make room for another");
  EXPECT_EQ(line(RenewalEvent(Kind::unchanged), level_enum::debug),
            "token x: there is none yet that lives longer");
}

TEST(LifeLog, TheFirstFailureIsAWarningAndItsLikesAreNot)
{
  auto event = failed(Errc::transient, 1);
  EXPECT_EQ(line(event, level_enum::warn), "token x: not obtained: scripted");
  event.life = half_day(5h);
  EXPECT_EQ(line(event, level_enum::warn),
            "token x: not renewed, which is tried again: scripted; the one that is held is good "
            "for another 7 h");
  EXPECT_EQ(line(failed(Errc::transient, 7, true), level_enum::debug),
            "token x: 7 failed attempts now: scripted");
}

TEST(LifeLog, WhatSomebodyHasToMendIsCalledDegraded)
{
  auto event = failed(Errc::forbidden, 1);
  event.life = half_day(5h);
  EXPECT_EQ(line(event, level_enum::warn),
            "token x: degraded, until somebody mends it: scripted; the one that is held is good "
            "for another 7 h");
}

TEST(LifeLog, TheEndOfFailuresIsAWarningToo)
{
  RenewalEvent event(Kind::obtained);
  event.life = half_day(0s);
  event.failing_since = k_now - 4h;
  event.failures = 76;
  EXPECT_EQ(line(event, level_enum::warn),
            "token x: obtained, lives 12 h; recovered after 4 h and 76 failed attempts");
  event.kind = Kind::expired;
  EXPECT_EQ(line(event, level_enum::warn),
            "token x: expired and wiped, since for 4 h it could not be renewed (76 failed "
            "attempts)");
}

} // namespace
} // namespace purser
