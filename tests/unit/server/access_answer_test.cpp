#include "daemon/server/access_answer.hpp"

#include <gtest/gtest.h>

namespace purser {
namespace {
using Outcome = TriedAction::Outcome;

class AccessAnswerTest : public testing::Test {
protected:
  // What was tried, with what came of it.
  void tried(std::string_view name, Outcome outcome, std::optional<Error> error = std::nullopt)
  {
    TriedAction action(name, ScopeSet());
    action.outcome = outcome;
    action.error = std::move(error);
    if (!action.error || action.error->code == Errc::forbidden) {
      AccessToken access;
      access.scheme = AccessToken::Scheme::bearer;
      access.username = user;
      action.answer.emplace(200, std::move(access));
    }
    all.push_back(std::move(action));
  }
  [[nodiscard]] Verdict verdict(std::string_view target = "ghcr.io/team/app:pull,push,delete") const
  {
    return access_verdict(*parse_token_target(target), all, diagnosis);
  }

  std::string user = "ann";
  Diagnosis diagnosis;
  std::vector<TriedAction> all;
};

TEST_F(AccessAnswerTest, AllAllowedIsOk)
{
  tried("pull", Outcome::allowed);
  tried("push", Outcome::allowed);
  tried("delete", Outcome::not_asked);
  EXPECT_EQ(verdict().outcome, "ok");
  EXPECT_EQ(verdict().sentence, "ann may pull, push and delete team/app at ghcr.io");
  EXPECT_FALSE(verdict().code);
}

TEST_F(AccessAnswerTest, ARegistryAloneSaysWhoIsKnown)
{
  tried("login", Outcome::allowed);
  EXPECT_EQ(verdict("ghcr.io").sentence, "ann is known to ghcr.io");
}

TEST_F(AccessAnswerTest, WhoHasNoCredentialIsNobodyInParticular)
{
  user.clear();
  tried("pull", Outcome::allowed);
  EXPECT_EQ(verdict("ghcr.io/team/app").sentence,
            "whoever has no credential may pull team/app at ghcr.io");
}

TEST_F(AccessAnswerTest, OneRefusalIsNotAllowed)
{
  tried("pull", Outcome::allowed);
  tried("push", Outcome::refused, with_remedy({Errc::forbidden, "no pushing"}));
  tried("delete", Outcome::refused, with_remedy({Errc::forbidden, "no deleting"}));
  EXPECT_EQ(verdict().outcome, "not_allowed");
  EXPECT_EQ(verdict().code, Errc::forbidden);
  EXPECT_EQ(verdict().sentence, "ann may not push and delete team/app at ghcr.io: no pushing");
}

TEST_F(AccessAnswerTest, WhatIsNotKnownIsNoRefusal)
{
  tried("pull", Outcome::refused, with_remedy({Errc::forbidden, "no pulling"}));
  tried("push", Outcome::failed, with_remedy({Errc::timeout, "no answer"}));
  EXPECT_EQ(verdict().outcome, "failed");
  EXPECT_EQ(verdict().code, Errc::timeout);
}

TEST_F(AccessAnswerTest, ACredentialThatIsNoGoodOutweighsAllElse)
{
  tried("pull", Outcome::rejected, with_remedy({Errc::rejected, "wrong password"}));
  EXPECT_EQ(verdict().outcome, "failed");
  EXPECT_EQ(verdict().code, Errc::rejected);
}

TEST_F(AccessAnswerTest, FailuresAreToldAsADoctorTellsThem)
{
  tried("pull", Outcome::failed, with_remedy({Errc::not_configured, "nothing is stored"}));
  EXPECT_EQ(verdict().outcome, "no_credentials");
  diagnosis.trouble = Diagnosis::Trouble::configuration;
  EXPECT_EQ(verdict().outcome, "configuration");
}

} // namespace
} // namespace purser
