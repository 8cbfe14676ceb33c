#include "daemon/tokens/challenge_cache.hpp"
#include "tests/support/scripted_http.hpp"
#include "tests/unit/tokens/tokens_fixture.hpp"

#include <string>
#include <vector>

namespace purser::test {
namespace {

using namespace std::chrono_literals;

class ChallengeCacheTest : public TokensFixture {
protected:
  Result<ChallengePtr> ask(std::string registry)
  {
    RegistryPlace place(std::move(registry), "", false);
    return std::move(**start(challenges.get(std::move(place), Egress(), 8s)));
  }
  void want_basic() { http.answer(401, "", {{"WWW-Authenticate", "Basic realm=\"fake\""}}); }

  [[nodiscard]] std::vector<std::string> asked() const
  {
    std::vector<std::string> urls;
    for (const auto& request : http.requests)
      urls.push_back(request.url);
    return urls;
  }

  ScriptedHttp http;
  ChallengeCache challenges{io.get_executor(), clock, http, [] { return 0.0; }, key};
};

using Urls = std::vector<std::string>;

TEST_F(ChallengeCacheTest, ARegistryOfThisMachineThatSpeaksNoTlsIsAskedOverHttp)
{
  for (const Errc code : {Errc::protocol_error, Errc::transient}) {
    http.requests.clear();
    http.fail(code, "no TLS");
    want_basic();
    const std::string registry = code == Errc::transient ? "localhost" : "127.0.0.1:5000";
    const auto challenge = ask(registry);
    ASSERT_TRUE(challenge) << challenge.error().what;
    EXPECT_EQ((*challenge)->base, "http://" + registry);
    EXPECT_EQ(asked(), Urls({"https://" + registry + "/v2/", "http://" + registry + "/v2/"}));
  }
}

TEST_F(ChallengeCacheTest, OneWhoseTlsIsRefusedOrSilentIsNot)
{
  for (const Errc code : {Errc::unsafe, Errc::misconfigured, Errc::timeout, Errc::internal}) {
    http.requests.clear();
    http.fail(code, "a certificate");
    const auto challenge = ask("localhost:" + std::to_string(static_cast<int>(code) + 1));
    ASSERT_FALSE(challenge);
    EXPECT_EQ(challenge.error().code, code);
    EXPECT_EQ(http.requests.size(), 1U);
  }
}

TEST_F(ChallengeCacheTest, ARegistryElsewhereIsNeverAskedOverHttpByItself)
{
  http.fail(Errc::protocol_error, "it does not speak TLS");
  EXPECT_EQ(ask("registry.example.com").error().what, "it does not speak TLS");
  EXPECT_EQ(asked(), Urls({"https://registry.example.com/v2/"}));
}

TEST_F(ChallengeCacheTest, WhereNoConnectionIsMadeTheErrorIsThatOfTls)
{
  http.fail(Errc::transient, "connection refused");
  http.fail(Errc::transient, "another");
  EXPECT_EQ(ask("localhost:1").error().what, "connection refused");
  http.fail(Errc::transient, "reset");
  http.answer(400, "this is a port with TLS");
  EXPECT_EQ(ask("localhost:2").error().what, "reset");
}

TEST_F(ChallengeCacheTest, WhereNoTlsIsSpokenTheErrorIsThatOfHttp)
{
  http.fail(Errc::protocol_error, "it does not speak TLS");
  http.answer(404, "");
  const auto challenge = ask("localhost:1");
  ASSERT_FALSE(challenge);
  EXPECT_NE(challenge.error().what.find("HTTP 404"), std::string::npos) << challenge.error().what;
}

} // namespace
} // namespace purser::test
