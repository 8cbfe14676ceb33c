#include "daemon/server/log_handler.hpp"
#include "tests/unit/server/service_fixture.hpp"

#include <gtest/gtest.h>

namespace purser::test {
namespace {

constexpr uid_t k_owner = 1000;

struct LogHandlerTest : ServiceFixture {
  LogRing lines;
  LogHandler handler{lines, "86-42", false, k_owner};

  ServerResponse asked_by(uid_t uid) { return ask(handler, "GET", "/v1/logs", "", uid); }
};

TEST_F(LogHandlerTest, IsForTheOwnerAndRoot)
{
  lines.add(WallTime{}, "info", "restored 3 tokens");
  for (const uid_t uid : {k_owner, uid_t{0}}) {
    const auto answer = asked_by(uid);
    EXPECT_EQ(answer.status, 200U);
    EXPECT_EQ(Json::parse(text_of(answer)).at("lines").at(0).at("text"), "restored 3 tokens");
  }
}

TEST_F(LogHandlerTest, WhomTheConfigurationLetsAskReadsNothingOfIt)
{
  lines.add(WallTime{}, "info", "restored 3 tokens");
  const auto answer = asked_by(k_owner + 1);
  EXPECT_EQ(answer.status, 403U);
  EXPECT_EQ(text_of(answer).find("restored"), std::string::npos);
}

} // namespace
} // namespace purser::test
