#include "daemon/tokens/credential_trials.hpp"
#include "tests/unit/tokens/tokens_fixture.hpp"

#include <array>

namespace purser::test {
namespace {

using namespace std::chrono_literals;

class CredentialTrialsTest : public TokensFixture {
protected:
  using Begun = std::shared_ptr<std::optional<Result<CredentialTrials::Pass>>>;

  Begun begin(std::string_view credential) { return start(trials.begin(std::string(credential))); }
  static bool may_try(const Begun& begun)
  {
    return begun->has_value() && begun->value().has_value();
  }
  static bool is_refused(const Begun& begun) { return begun->has_value() && !may_try(begun); }

  CredentialTrials trials{io.get_executor(), clock, [] { return 0.0; }};
  const Error wrong{Errc::rejected, "wrong password"};
};

TEST_F(CredentialTrialsTest, OneAtATimeTriesWhatWasNeverAccepted)
{
  auto first = begin("a");
  auto second = begin("a");
  EXPECT_TRUE(may_try(first));
  EXPECT_FALSE(second->has_value());
  EXPECT_TRUE(may_try(begin("b"))); // another one is another trial
  first->reset();
  clock.run();
  EXPECT_TRUE(may_try(second));
}

TEST_F(CredentialTrialsTest, WhoWaitedHearsOfTheRefusalInsteadOfTrying)
{
  auto first = begin("a");
  const auto second = begin("a");
  trials.refused("a", wrong);
  first->reset();
  clock.run();
  EXPECT_TRUE(is_refused(second));
  EXPECT_EQ(second->value().error().code, Errc::rejected);
}

TEST_F(CredentialTrialsTest, EverybodyAtOnceTriesWhatWasAccepted)
{
  trials.accepted("a");
  const auto first = begin("a");
  const auto second = begin("a");
  EXPECT_TRUE(may_try(first) && may_try(second));
}

TEST_F(CredentialTrialsTest, WaitsLongerAfterEachRefusalAndTenMinutesAtMost)
{
  const std::array<Duration, 7> waits{30s, 60s, 120s, 240s, 480s, 600s, 600s};
  for (const Duration wait : waits) {
    trials.refused("a", wrong);
    clock.advance(wait - 1s);
    EXPECT_TRUE(is_refused(begin("a")));
    clock.advance(1s);
    EXPECT_TRUE(may_try(begin("a")));
  }
}

TEST_F(CredentialTrialsTest, WaitsAsLongAsTheServerSaid)
{
  trials.refused("a", Error(Errc::throttled, "too often", 20min));
  clock.advance(19min);
  const auto begun = begin("a");
  ASSERT_TRUE(is_refused(begun));
  EXPECT_EQ(begun->value().error().retry_after, std::chrono::nanoseconds(1min));
}

TEST_F(CredentialTrialsTest, ForgetsRefusalsOnceItWasAccepted)
{
  trials.refused("a", wrong);
  trials.accepted("a");
  EXPECT_TRUE(may_try(begin("a")));
  trials.refused("a", wrong);
  clock.advance(30s);
  EXPECT_TRUE(may_try(begin("a")));
}

} // namespace
} // namespace purser::test
