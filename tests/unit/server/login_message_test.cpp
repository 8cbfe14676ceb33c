#include "daemon/server/login_message.hpp"

#include <gtest/gtest.h>

namespace purser {
namespace {

constexpr std::string_view k_fields =
    R"("registry":"ghcr.io","username":"ann","secret":"fake-password")";

Result<LoginMessage> read(const std::string& more)
{
  return parse_login_message("{" + std::string(k_fields) + more + "}");
}

TEST(LoginMessage, HasARegistryAndACredential)
{
  const auto message = read("");
  ASSERT_TRUE(message);
  EXPECT_EQ(message->stored_as.text(), "ghcr.io");
  EXPECT_EQ(message->credential.username, "ann");
  EXPECT_EQ(message->credential.secret.reveal(), "fake-password");
  EXPECT_TRUE(message->target.actions.empty());
}

TEST(LoginMessage, MayHaveAScopeInEitherSpelling)
{
  for (const auto* scope : {"team/app:pull,push", "repository:team/app:pull,push"}) {
    const auto message = read(R"(,"scope":")" + std::string(scope) + "\"");
    ASSERT_TRUE(message) << scope;
    EXPECT_EQ(message->target.key.text(), "ghcr.io/team/app");
    EXPECT_EQ(message->target.scopes.text(), "repository:team/app:pull,push");
    EXPECT_EQ(message->stored_as.text(), "ghcr.io");
  }
}

TEST(LoginMessage, AScopeThatCannotBeTriedIsRefused)
{
  for (const auto* scope : {"registry:catalog:*", "team/app:latest", "team/app:mount", ":pull"})
    EXPECT_FALSE(read(R"(,"scope":")" + std::string(scope) + "\"")) << scope;
}

TEST(LoginMessage, WhatIsNoneIsRefusedAndNotQuoted)
{
  for (const auto* text :
       {"", "{}", "[]", R"({"registry":"ghcr.io","username":"ann"})",
        R"({"registry":"ghcr.io","username":"ann","secret":7})",
        R"({"registry":"ghcr.io","username":"","secret":"fake-password"})",
        R"({"registry":"ghcr.io","username":"ann","secret":""})",
        R"({"registry":"ghcr.io","username":"ann","secret":"fake-password\ufffd"})",
        R"({"registry":"https://ann:fake-password@ghcr.io","username":"ann","secret":"x"})",
        R"({"registry":"ghcr.io","username":"ann","secret":"fake-password","secret":"x"})"}) {
    const auto message = parse_login_message(text);
    ASSERT_FALSE(message) << text;
    EXPECT_EQ(message.error().code, Errc::bad_request) << text;
    EXPECT_EQ(message.error().what.find("fake-password"), std::string::npos) << text;
  }
}

} // namespace
} // namespace purser
