#include "daemon/providers/exec/exec_messages.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <string>

namespace purser {
namespace {

using namespace std::chrono;
using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

Outcome outcome_of(int exit_code, std::string_view output, std::string words = {})
{
  Outcome outcome;
  outcome.ending = Ending::exited;
  outcome.value = exit_code;
  outcome.output = Secret(output);
  outcome.words = std::move(words);
  return outcome;
}

// "USER SECRET", or "CODE: what is wrong".
std::string read(ExecProtocol protocol, Outcome outcome)
{
  const auto minted = read_answer(protocol, "the program x", std::move(outcome), 30s);
  if (minted) return minted->username + " " + std::string(minted->secret.reveal());
  EXPECT_TRUE(minted.error().says_remedy);
  EXPECT_THAT(minted.error().what, Not(HasSubstr("fake")));
  return std::string(to_string(minted.error().code)) + ": " + minted.error().what;
}

constexpr WallTime k_four_o_clock = sys_days(year(2026) / 8 / 20) + hours(16);

TEST(ExecMessages, AMomentMayStandInAnyZone)
{
  for (const auto* text :
       {"2026-08-20T16:00:00Z", "2026-08-20T16:00:00+00:00", "2026-08-20T16:00:00-00:00",
        "2026-08-20T18:00:00+02:00", "2026-08-20T21:30:00.999+05:30", "2026-08-20t11:00:00-05:00",
        "2026-08-20T16:00:00.5z", "2026-08-21T00:00:00+08:00"})
    EXPECT_EQ(parse_rfc3339(text), k_four_o_clock) << text;
}

TEST(ExecMessages, AMomentFarAwayIsOne)
{
  EXPECT_GT(parse_rfc3339("9999-12-31T23:59:59Z"), k_four_o_clock);
  EXPECT_GT(parse_rfc3339("2204-02-29T00:00:00+01:00"), k_four_o_clock);
}

TEST(ExecMessages, WhatIsNoMomentIsNone)
{
  for (const auto* text :
       {"", "Z", "+00:00", "2026-08-20T16:00:00", "2026-08-20 16:00:00Z", "2026-08-20T16:00:00UTC",
        "2026-08-20T16:00:00+0200", "2026-08-20T16:00:00+24:00", "2026-08-20T16:00:00+02:60",
        "2026-08-20T16:00:00+0a:00", "2026-08-20T16:00:00Z+02:00", "2026-02-30T16:00:00Z",
        "1790000000", "tomorrow", "2026-08-20T16:00:00Z\n", "-026-08-20T16:00:00Z"})
    EXPECT_FALSE(parse_rfc3339(text)) << text;
  EXPECT_FALSE(parse_rfc3339(std::string(100'000, '9')));
}

TEST(ExecMessages, OursIsReadStrictlyAndUnknownMembersAreNot)
{
  const auto ours = [](std::string_view text) {
    return read(ExecProtocol::purser, outcome_of(0, text));
  };
  EXPECT_EQ(ours(R"({"username":"u","secret":"s","more":[{}]})"), "u s");
  EXPECT_EQ(ours("\n {\"version\":1,\"username\":\"<token>\",\"secret\":\"s\"}\n"), "<token> s");
  EXPECT_THAT(ours(R"({"Username":"u","Secret":"fake"})"), HasSubstr("no \"username\""));
  EXPECT_THAT(ours(R"({"username":"u","secret":["fake"]})"), HasSubstr("no \"secret\""));
  EXPECT_THAT(ours(R"({"version":1.0,"username":"u","secret":"fake"})"), HasSubstr("\"version\""));
  EXPECT_THAT(ours("null"), HasSubstr("protocol_error"));
  EXPECT_THAT(ours(R"({"username":"u","secret":"fake\u0000"})"), HasSubstr("control characters"));
}

TEST(ExecMessages, WithoutACredentialItEndsWithACodeOfItsOwn)
{
  EXPECT_THAT(read(ExecProtocol::purser, outcome_of(44, "fake")), HasSubstr("not_configured: "));
  EXPECT_THAT(read(ExecProtocol::purser, outcome_of(1, "credentials not found in native keychain")),
              HasSubstr("transient: "));
  EXPECT_THAT(read(ExecProtocol::docker, outcome_of(44, "")), HasSubstr("transient: "));
}

TEST(ExecMessages, AHelperSaysItInOneSentence)
{
  const auto sentence = [](std::string_view text) {
    return read(ExecProtocol::docker, outcome_of(1, text));
  };
  EXPECT_THAT(sentence("credentials not found in native keychain\n"), HasSubstr("not_configured"));
  EXPECT_THAT(sentence("Credentials not found in native keychain"), HasSubstr("transient"));
  EXPECT_THAT(sentence("error: credentials not found in native keychain"), HasSubstr("transient"));
}

TEST(ExecMessages, AHelpersFailureIsQuotedUnlessItCouldBeAnAnswer)
{
  const auto failure = [](std::string_view output, std::string words) {
    return read(ExecProtocol::docker, outcome_of(1, output, std::move(words)));
  };
  EXPECT_THAT(failure("first\nno key\n", ""), HasSubstr("said \"no key\""));
  EXPECT_THAT(failure("no key\n", "on stderr\n"), HasSubstr("said \"on stderr\""));
  EXPECT_THAT(failure("{\"Secret\":\"fake\"}\n", ""), Not(HasSubstr("said")));
  EXPECT_THAT(read(ExecProtocol::purser, outcome_of(1, "fake\n")), Not(HasSubstr("said")));
}

} // namespace
} // namespace purser
