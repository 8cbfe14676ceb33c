#include "daemon/config/small_file.hpp"
#include "daemon/providers/aws/keys/login_token.hpp"
#include "tests/support/temporary_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <fstream>
#include <string>

namespace purser::aws {
namespace {
using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

const json k_session = {{"accessToken",
                         {{"accessKeyId", "ASIAFIRST"},
                          {"secretAccessKey", "fake-secret"},
                          {"sessionToken", "fake-session"},
                          {"accountId", "123456789012"},
                          {"expiresAt", "2026-08-20T16:00:00Z"}}},
                        {"refreshToken", "fake-refresh"},
                        {"idToken", "fake-id"},
                        {"clientId", "fake-client"},
                        {"dpopKey", "fake-key"},
                        {"later", {1, 2}}};

struct LoginTokenTest : testing::Test {
  void put(const json& content) const { put_file(path, content.dump()); }
  json stored() const
  {
    std::ifstream file(path);
    return json::parse(file);
  }

  const TemporaryFolder folder;
  const std::string path = folder / "session.json";
};

TEST(LoginTokenFile, IsTheDigestOfTheSession)
{
  EXPECT_EQ(login_token_file("arn:aws:sts::123456789012:assumed-role/Admin/admin"),
            "76c34dc5bc54e898fa0fb3d4f12aba206ccb28038e8acbf52ecb478d1c8214d6.json");
}

TEST_F(LoginTokenTest, IsReadAsTheAwsCommandWritesIt)
{
  put(k_session);
  const auto token = read_login_token(path);
  ASSERT_TRUE(token && *token);
  EXPECT_EQ((*token)->keys.access_key_id, "ASIAFIRST");
  EXPECT_EQ((*token)->keys.session_token.reveal(), "fake-session");
  EXPECT_EQ((*token)->expires_at,
            std::chrono::sys_days(std::chrono::year(2026) / 8 / 20) + std::chrono::hours(16));
  EXPECT_EQ((*token)->dpop_key.reveal(), "fake-key");
}

TEST_F(LoginTokenTest, AFileThatIsMissingIsNothing)
{
  const auto token = read_login_token(path);
  ASSERT_TRUE(token);
  EXPECT_FALSE(*token);
}

TEST_F(LoginTokenTest, EveryPartIsNeeded)
{
  for (const char* part : {"accessToken", "refreshToken", "clientId", "dpopKey"}) {
    json content = k_session;
    content.erase(part);
    put(content);
    const auto token = read_login_token(path);
    ASSERT_FALSE(token) << part;
    EXPECT_EQ(token.error().code, Errc::misconfigured);
    EXPECT_THAT(token.error().what, HasSubstr(path));
    EXPECT_THAT(token.error().what, Not(HasSubstr("fake")));
  }
  for (const char* part : {"accessKeyId", "secretAccessKey", "sessionToken", "expiresAt"}) {
    json content = k_session;
    content["accessToken"][part] = 1;
    put(content);
    EXPECT_FALSE(read_login_token(path)) << part;
  }
}

TEST_F(LoginTokenTest, ARenewedOneTakesItsPlaceAndLeavesTheRest)
{
  put(k_session);
  const auto old = read_login_token(path);
  LoginToken renewed;
  renewed.keys = AwsKeys("ASIASECOND", Secret("fake-secret-2"), Secret("fake-session-2"));
  renewed.expires_at =
      std::chrono::sys_days(std::chrono::year(2026) / 8 / 21) + std::chrono::hours(1);
  renewed.refresh_token = Secret("fake-refresh-2");
  const auto text = edited_login_file(path, **old, renewed);
  ASSERT_TRUE(text && *text);
  ASSERT_TRUE(replace_file(path, (*text)->reveal()));
  json expected = k_session;
  expected["accessToken"].update({{"accessKeyId", "ASIASECOND"},
                                  {"secretAccessKey", "fake-secret-2"},
                                  {"sessionToken", "fake-session-2"},
                                  {"expiresAt", "2026-08-21T01:00:00Z"}});
  expected["refreshToken"] = "fake-refresh-2";
  EXPECT_EQ(stored(), expected);

  LoginToken late;
  late.refresh_token = Secret("fake-refresh-3");
  const auto too_late = edited_login_file(path, **old, late); // `old` is not there any more
  ASSERT_TRUE(too_late);
  EXPECT_FALSE(*too_late);
  std::filesystem::remove(path);
  const auto ended = edited_login_file(path, **old, late);
  ASSERT_TRUE(ended);
  EXPECT_FALSE(*ended) << "who has logged out stays so";
}

} // namespace
} // namespace purser::aws
