#include "daemon/cache/token_cache.hpp"
#include "daemon/providers/ecr/ecr_provider.hpp"
#include "tests/support/civil_time.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/temporary_folder.hpp"

#include <boost/asio/co_spawn.hpp>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

// A day of continuous use, with everything but the network: what it costs upstream.
namespace purser::test {
namespace {
using namespace std::chrono_literals;

constexpr Duration k_day = 24h;
constexpr Duration k_token_life = 12h;
constexpr std::string_view k_registry = "123456789012.dkr.ecr.us-east-1.amazonaws.com";
constexpr std::string_view k_files = R"(
[profile base]
aws_access_key_id = AKIABASE
aws_secret_access_key = fake-base-secret
[profile role]
role_arn = arn:aws:iam::123456789012:role/app
source_profile = base
)";

// The policy's figures, for a draw in the middle (docs/decisions/0002-renewal.md).
constexpr double k_renewal_point = 0.45; // of a life of an hour or more
constexpr int k_lives_of_interest = 2;   // after the last use

// All of AWS that is asked here. Counts the questions that bring something.
class Aws final : public HttpClient {
public:
  explicit Aws(Clock& clock) : clock_(clock) {}

  asio::awaitable<Result<HttpResponse>> send(HttpRequest request) override
  {
    co_return HttpResponse(200, {}, Secret(answer(request.url)));
  }

  int tokens = 0;
  int sessions = 0; // of roles
  int machine_keys = 0;

private:
  std::string answer(const std::string& url)
  {
    const auto has = [&url](const char* text) { return url.find(text) != std::string::npos; };
    if (has("api.ecr.")) {
      ++tokens;
      return R"({"authorizationData":[{"authorizationToken":"QVdTOmZha2UtcGFzc3dvcmQ6MQ==",)"
             R"("expiresAt":)" +
             std::to_string(seconds_at(k_token_life)) + "}]}";
    }
    if (has("sts.")) {
      ++sessions;
      return "<R><S><Credentials><AccessKeyId>ASIAROLE</AccessKeyId>"
             "<SecretAccessKey>fake</SecretAccessKey><SessionToken>fake</SessionToken>"
             "<Expiration>" +
             iso_at(1h) + "</Expiration></Credentials></S></R>";
    }
    if (url.ends_with("/security-credentials/")) return "app-role";
    if (!url.ends_with("/app-role")) return "fake-imds-token";
    ++machine_keys;
    return R"({"AccessKeyId":"ASIAEC2","SecretAccessKey":"fake","Token":"fake","Expiration":")" +
           iso_at(6h) + "\"}";
  }
  std::string iso_at(Duration later) const
  {
    return formatted(clock_.wall() + later, "%Y-%m-%dT%H:%M:%SZ");
  }
  long long seconds_at(Duration later) const
  {
    const auto end = (clock_.wall() + later).time_since_epoch();
    return std::chrono::duration_cast<std::chrono::seconds>(end).count();
  }

  Clock& clock_;
};

void rethrow(std::exception_ptr bug)
{
  if (bug) std::rethrow_exception(bug);
}

struct DayTest : testing::Test {
  DayTest()
  {
    put_file(folder / "config", k_files);
    asio::co_spawn(io, provider.tend(), rethrow);
    asio::co_spawn(io, provider.forget_old(), rethrow);
    asio::co_spawn(io, cache.tend(), rethrow);
  }

  // A client that asks every minute; the least life that was left of what it got.
  Duration spend_a_day(const std::string& variables)
  {
    Duration least = k_token_life;
    for (Duration passed{}; passed < k_day; passed += 1min) {
      EXPECT_EQ(get(variables), "fake-password:1") << passed / 1min << " minutes";
      const auto entries = cache.entries();
      if (entries.size() != 1 || !entries[0].view.life) return {};
      least = std::min<Duration>(least, entries[0].view.life->expires_at - clock.now());
      clock.advance(1min);
    }
    return least;
  }

  std::string get(const std::string& variables)
  {
    std::string entries = "HOME=" + (folder / "") + ";AWS_CONFIG_FILE=" + (folder / "config") +
                          ";AWS_SHARED_CREDENTIALS_FILE=/dev/null/none;" + variables;
    std::replace(entries.begin(), entries.end(), ';', '\0');
    std::optional<std::string> answer;
    asio::co_spawn(io, ask(std::make_shared<const Asker>(Environment(entries), "/", true), answer),
                   rethrow);
    io.restart();
    while (!answer && io.run_one_for(10s) != 0) {} // files are read on threads
    return answer.value_or("nothing came");
  }

  const TemporaryFolder folder;
  asio::io_context io;
  ManualClock clock{io};
  Aws aws{clock};
  WorkerPool files{io.get_executor(), "files", 2};
  ProgramBroker programs{io.get_executor(), clock, FileDescriptor()}; // no profile names one
  const SealingKey key = SealingKey::random();
  ecr::EcrProvider provider{io.get_executor(), clock,           aws, files,
                            programs,          Environment(""), key, [] { return 0.5; }};
  TokenCache cache{io.get_executor(), clock, [] { return 0.5; }, key};

private:
  asio::awaitable<void> ask(std::shared_ptr<const Asker> asker, std::optional<std::string>& answer)
  {
    Rule rule;
    rule.provider = "ecr";
    auto resolved = co_await provider.resolve(rule, *RegistryKey::parse(k_registry), asker);
    if (!resolved) {
      answer = resolved.error().what;
      co_return;
    }
    NamedProvider named{"ecr", &provider};
    const auto handout =
        co_await cache.get(named, std::move(*resolved), std::string(k_registry), Demand(8500ms));
    answer = handout ? std::string(handout->secret.reveal()) : handout.error().what;
  }
};

double hours(Duration d)
{
  return std::chrono::duration<double, std::ratio<3600>>(d).count();
}

// Tokens in a day: one at its beginning, then one at each renewal point.
int tokens_in_a_day()
{
  return static_cast<int>(std::ceil(hours(k_day) / (k_renewal_point * hours(k_token_life))));
}

TEST_F(DayTest, WithSessionsOfAnHourARoleIsAssumedOnlyAroundTheRenewalsOfTokens)
{
  const Duration least = spend_a_day("AWS_PROFILE=role");
  EXPECT_EQ(aws.tokens, tokens_in_a_day());
  // A session is renewed for two lives after a token needed it, and then left to die. The last
  // of them is dead when the next token is due.
  const double renewed_after = k_renewal_point * 1;
  const int renewals = static_cast<int>(k_lives_of_interest / renewed_after);
  ASSERT_LT(renewals * renewed_after + 1, k_renewal_point * hours(k_token_life));
  EXPECT_EQ(aws.sessions, tokens_in_a_day() * (1 + renewals));
  EXPECT_GE(hours(least), (1 - k_renewal_point) * hours(k_token_life));
}

TEST_F(DayTest, KeysOfAMachineAreRenewedAllDay)
{
  const Duration least = spend_a_day("AWS_EC2_METADATA_SERVICE_ENDPOINT=http://127.0.0.1:1338");
  EXPECT_EQ(aws.tokens, tokens_in_a_day());
  // They live 6 hours, so that tokens need them well within two lives.
  EXPECT_EQ(aws.machine_keys, static_cast<int>(std::ceil(hours(k_day) / (k_renewal_point * 6))));
  EXPECT_GE(hours(least), (1 - k_renewal_point) * hours(k_token_life));
}

TEST_F(DayTest, AnHourAfterTheLastRequestNothingIsRenewedWithWhatItBrought)
{
  EXPECT_EQ(get("AWS_PROFILE=role"), "fake-password:1");
  clock.advance(59min);
  const int within_the_hour = 1 + static_cast<int>(1 / k_renewal_point);
  EXPECT_EQ(aws.sessions, within_the_hour);
  clock.advance(k_day);
  EXPECT_EQ(aws.sessions, within_the_hour);
  EXPECT_EQ(aws.tokens, 1);
  EXPECT_EQ(get("AWS_PROFILE=role"), "fake-password:1"); // which brings it again
  EXPECT_EQ(aws.sessions, within_the_hour + 1);
  EXPECT_EQ(aws.tokens, 2);
}

} // namespace
} // namespace purser::test
