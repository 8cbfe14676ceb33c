#include "daemon/providers/exec/question.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace purser {
namespace {

using namespace std::string_literals;
using Words = std::vector<std::string>;

Rule rule_of(ExecProtocol protocol = ExecProtocol::purser)
{
  Rule rule;
  rule.exec.emplace();
  rule.exec->command = {"/bin/mint", "-v"};
  rule.exec->protocol = protocol;
  return rule;
}

std::string input(ExecProtocol protocol, std::string_view asked)
{
  return question_input(protocol, *RegistryKey::parse(asked));
}

TEST(Question, OursIsOneObjectInALine)
{
  EXPECT_EQ(input(ExecProtocol::purser, "https://R.example:5000/v2/"),
            "{\"registry\":\"r.example:5000\",\"version\":1}\n");
  EXPECT_EQ(input(ExecProtocol::purser, "docker.io/library/alpine"),
            "{\"registry\":\"docker.io\",\"repository\":\"library/alpine\",\"version\":1}\n");
}

TEST(Question, HelpersAreAskedInDockersSpellingAndForRegistriesOnly)
{
  EXPECT_EQ(input(ExecProtocol::docker, "docker.io/library/alpine"), "https://index.docker.io/v1/");
  EXPECT_EQ(input(ExecProtocol::docker, "r.example:5000/team/app"), "r.example:5000");
  EXPECT_EQ(question_words(*rule_of(ExecProtocol::docker).exec), (Words{"/bin/mint", "-v", "get"}));
  EXPECT_EQ(question_words(*rule_of().exec), (Words{"/bin/mint", "-v"}));
}

TEST(Question, OfWhoeverAsksOnlyWhatTheRuleNamesCounts)
{
  Rule rule = rule_of();
  rule.environment = {"A=rule", "B=rule", "EMPTY="};
  rule.exec->pass_env = {"B", "C", "MISSING"};
  const Environment own("HOME=/home/own\0XDG_DATA_HOME=/data\0AWS_PROFILE=own\0A=own\0"s);
  const Environment asker("HOME=/home/asker\0A=asker\0B=asker\0C=asker\0D=asker\0"s);
  EXPECT_EQ(
      question_environment(rule, own, asker),
      (Words{"A=rule", "B=asker", "C=asker", "EMPTY=", "HOME=/home/own", "XDG_DATA_HOME=/data"}));
}

} // namespace
} // namespace purser
