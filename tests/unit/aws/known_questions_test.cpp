#include "daemon/providers/ecr/known_questions.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace purser::ecr {
namespace {

using namespace std::string_literals;

const std::string k_variables = "AWS_PROFILE=prod\0HOME=/home/u\0"s;

RegistryKey registry(std::string_view name)
{
  return RegistryKey::parse(name).value();
}

struct KnownQuestionsTest : testing::Test {
  SealingKey key = SealingKey::random();
  KnownQuestions known{key};

  std::string name(std::string_view host, const std::string& env, std::string cwd, bool local)
  {
    return known.name(registry(host), Asker(Environment(env), std::move(cwd), local));
  }
};

TEST_F(KnownQuestionsTest, NamesAllThatARequestBrings)
{
  const std::string one = "1.dkr.ecr.us-east-1.amazonaws.com";
  const std::string other = "1.dkr.ecr.us-east-2.amazonaws.com";
  const std::set<std::string> names{
      name(one, k_variables, "/", true),
      name(other, k_variables, "/", true),
      name(one, k_variables, "/srv", true),
      name(one, k_variables, "/", false),
      name(one, "AWS_PROFILE=dev\0HOME=/home/u\0"s, "/", true),
      name(one, "AWS_PROFILE=prod\0HOME=/home/u\0HTTPS_PROXY=http://p\0"s, "/", true)};
  EXPECT_EQ(names.size(), 6U);
}

TEST_F(KnownQuestionsTest, NamesEqualQuestionsAlike)
{
  const std::string reversed = "HOME=/home/u\0AWS_PROFILE=prod\0"s;
  EXPECT_EQ(name("1.dkr.ecr.us-east-1.amazonaws.com/app", k_variables, "/", true),
            name("1.dkr.ecr.us-east-1.amazonaws.com/base", reversed, "/", true));
}

TEST_F(KnownQuestionsTest, ForgetsTheOldestOfTooMany)
{
  const BootTime now{};
  for (std::size_t i = 0; i <= KnownQuestions::k_most; ++i)
    known.put(std::to_string(i), KnownQuestions::Answer{}, now);
  EXPECT_EQ(known.find("0", now), nullptr);
  EXPECT_NE(known.find(std::to_string(KnownQuestions::k_most), now), nullptr);
}

} // namespace
} // namespace purser::ecr
