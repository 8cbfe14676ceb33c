#include "daemon/providers/ecr/ecr_provider.hpp"
#include "tests/support/jumping_clock.hpp"
#include "tests/support/scripted_http.hpp"
#include "tests/support/temporary_folder.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>

namespace purser::ecr {
namespace {
namespace asio = boost::asio;
namespace fs = std::filesystem;
using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

constexpr std::string_view k_host = "123456789012.dkr.ecr.us-east-1.amazonaws.com";
constexpr std::string_view k_prod = "[prod]\naws_access_key_id=AKIAFAKEPROD\n"
                                    "aws_secret_access_key=fake-prod-secret\n";
constexpr std::string_view k_dev = "[dev]\naws_access_key_id=AKIAFAKEDEV\n"
                                   "aws_secret_access_key=fake-dev-secret\n";
constexpr std::string_view k_keys =
    "AWS_ACCESS_KEY_ID=AKIAFAKEENV;AWS_SECRET_ACCESS_KEY=fake-env-secret";

// base64 of `AWS:fake-password:1`.
constexpr std::string_view k_token = "QVdTOmZha2UtcGFzc3dvcmQ6MQ==";
constexpr std::string_view k_date = "Thu, 20 Aug 2026 10:00:00 GMT";

WallTime server_time()
{
  return std::chrono::sys_days(std::chrono::year(2026) / 8 / 20) + 10h;
}

long long server_seconds()
{
  return std::chrono::duration_cast<std::chrono::seconds>(server_time().time_since_epoch()).count();
}

std::string token_body(Duration life)
{
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(life).count();
  return R"({"authorizationData":[{"authorizationToken":")" + std::string(k_token) +
         R"(","expiresAt":)" + std::to_string(server_seconds() + seconds) + "}]}";
}

std::string error_body(std::string_view code)
{
  return R"({"__type":")" + std::string(code) + R"(","message":"body-of-the-answer"})";
}

// `NAME=VALUE;NAME=VALUE`
Environment environment(std::string text)
{
  std::replace(text.begin(), text.end(), ';', '\0');
  return Environment(text);
}

// Puts what `call` gives to where the test looks.
template <class T>
asio::awaitable<void> deliver(asio::awaitable<Result<T>> call, std::function<void(Result<T>)> put)
{
  put(co_await std::move(call));
}

void rethrow(std::exception_ptr bug)
{
  if (bug) std::rethrow_exception(bug);
}

struct EcrProviderTest : testing::Test {
  EcrProviderTest()
  {
    clock.set_wall(server_time());
    fs::create_directories(home / ".aws");
    fs::create_directories(own_home / ".aws");
    write(home / ".aws" / "credentials", std::string(k_prod) + std::string(k_dev));
  }

  static void write(const fs::path& path, std::string_view text) { std::ofstream(path) << text; }

  template <class T>
  Result<T> run(asio::awaitable<Result<T>> call)
  {
    std::optional<Result<T>> outcome;
    auto put = [&outcome](Result<T> result) { outcome.emplace(std::move(result)); };
    asio::co_spawn(io, deliver<T>(std::move(call), std::move(put)), rethrow);
    io.restart();
    while (!outcome)
      io.run_one();
    return std::move(*outcome);
  }

  // Of a shell of this machine, with a home.
  std::shared_ptr<const Asker> local(const std::string& variables = "")
  {
    return std::make_shared<const Asker>(environment("HOME=" + home.string() + ";" + variables),
                                         folder.string(), true);
  }
  // Of a container.
  std::shared_ptr<const Asker> foreign(const std::string& variables = "")
  {
    return std::make_shared<const Asker>(environment("HOME=" + home.string() + ";" + variables),
                                         folder.string(), false);
  }

  Result<Resolved> resolve(std::shared_ptr<const Asker> asker,
                           std::string_view host = k_host,
                           std::optional<Rule> rule = {})
  {
    if (rule) rule->match = host; // else the built-in table's
    return run(provider().resolve(rule ? std::move(*rule) : Rule{}, *RegistryKey::parse(host),
                                  std::move(asker)));
  }
  std::string identity(std::shared_ptr<const Asker> asker,
                       std::string_view host = k_host,
                       std::optional<Rule> rule = {})
  {
    const auto resolved = resolve(std::move(asker), host, std::move(rule));
    return resolved ? resolved->identity.digest : "error: " + resolved.error().what;
  }
  Error error(std::shared_ptr<const Asker> asker,
              std::string_view host = k_host,
              std::optional<Rule> rule = {})
  {
    return resolve(std::move(asker), host, std::move(rule)).error();
  }
  Result<Token> fetch(std::shared_ptr<const Asker> asker, std::string_view host = k_host)
  {
    return run(provider().fetch(resolve(std::move(asker), host)->identity));
  }

  // Of the token whose text is k_token.
  Result<> probe(const Resolved& resolved)
  {
    const Token token("AWS", Secret("fake-password:1"), clock.now(), 12h);
    return run(provider().prove(resolved.identity, token));
  }

  // Of the latest request.
  std::string header(std::string_view name) const
  {
    for (const auto& header : http.requests.back().headers)
      if (header.name == name) return header.value;
    return {};
  }

  EcrProvider& provider()
  {
    if (!provider_) {
      provider_ = std::make_unique<EcrProvider>(io.get_executor(), clock, http, files, programs,
                                                environment("HOME=" + own_home.string()), key,
                                                [] { return 1.0; });
    }
    return *provider_;
  }

  // Which key the latest request was signed with.
  std::string signed_by() const
  {
    for (const auto& header : http.requests.back().headers) {
      if (header.name != "Authorization") continue;
      const auto begin = header.value.find("Credential=") + 11;
      return header.value.substr(begin, header.value.find('/') - begin);
    }
    return {};
  }

  const TemporaryFolder temporary;
  const fs::path folder = temporary / "";
  const fs::path home = folder / "home";
  const fs::path own_home = folder / "own";
  asio::io_context io;
  test::JumpingClock clock;
  test::ScriptedHttp http;
  WorkerPool files{io.get_executor(), "files", 2};
  ProgramBroker programs{io.get_executor(), clock, FileDescriptor()}; // nothing here names one
  SealingKey key = SealingKey::random();

private:
  std::unique_ptr<EcrProvider> provider_;
};

Rule with_profile(std::string profile)
{
  Rule rule;
  rule.provider = "ecr";
  rule.profile = std::move(profile);
  return rule;
}

// Whose token it is

TEST_F(EcrProviderTest, TheChosenProfileSigns)
{
  http.answer(200, token_body(12h));
  http.answer(200, token_body(12h));
  ASSERT_TRUE(fetch(local("AWS_PROFILE=prod")));
  EXPECT_EQ(signed_by(), "AKIAFAKEPROD");
  ASSERT_TRUE(fetch(local("AWS_PROFILE=dev")));
  EXPECT_EQ(signed_by(), "AKIAFAKEDEV");
}

TEST_F(EcrProviderTest, KeysInTheEnvironmentWinOverAProfile)
{
  http.answer(200, token_body(12h));
  ASSERT_TRUE(fetch(local(std::string(k_keys) + ";AWS_PROFILE=prod")));
  EXPECT_EQ(signed_by(), "AKIAFAKEENV");
}

TEST_F(EcrProviderTest, TheRulesProfileWinsOverTheEnvironment)
{
  http.answer(200, token_body(12h));
  const auto resolved = resolve(local(k_keys.data()), k_host, with_profile("prod"));
  ASSERT_TRUE(resolved);
  EXPECT_EQ(resolved->source, "profile prod");
  ASSERT_TRUE(run(provider().fetch(resolved->identity)));
  EXPECT_EQ(signed_by(), "AKIAFAKEPROD");
}

TEST_F(EcrProviderTest, ProfilesAndKeysAreDifferentIdentities)
{
  const std::set<std::string> identities{
      identity(local("AWS_PROFILE=prod")), identity(local("AWS_PROFILE=dev")),
      identity(local(k_keys.data())),
      identity(local(std::string(k_keys) + ";AWS_SESSION_TOKEN=fake-session")),
      identity(local("AWS_ACCESS_KEY_ID=AKIAFAKEENV;AWS_SECRET_ACCESS_KEY=another-fake-secret"))};
  EXPECT_EQ(identities.size(), 5U);
  for (const auto& digest : identities)
    EXPECT_EQ(digest.size(), 32U) << digest;
}

TEST_F(EcrProviderTest, OneTokenServesAllAccountsOfARegion)
{
  const auto asker = local("AWS_PROFILE=prod");
  EXPECT_EQ(identity(asker), identity(asker, "210987654321.dkr.ecr.us-east-1.amazonaws.com"));
  EXPECT_EQ(identity(asker), identity(asker, std::string(k_host) + "/team/app"));
  EXPECT_NE(identity(asker), identity(asker, "123456789012.dkr.ecr.eu-west-1.amazonaws.com"));
  EXPECT_NE(identity(asker), identity(asker, "123456789012.dkr.ecr-fips.us-east-1.amazonaws.com"));
  EXPECT_NE(identity(asker), identity(asker, "public.ecr.aws"));
}

TEST_F(EcrProviderTest, TheWayOutIsPartOfTheIdentity)
{
  const std::set<std::string> identities{
      identity(local("AWS_PROFILE=prod")),
      identity(local("AWS_PROFILE=prod;HTTPS_PROXY=http://proxy.example:3128")),
      identity(local("AWS_PROFILE=prod;AWS_CA_BUNDLE=/etc/ca.pem")),
      identity(local("AWS_PROFILE=prod;SSL_CERT_FILE=/etc/ca.pem;SSL_CERT_DIR=/etc/certs")),
      identity(local("AWS_PROFILE=prod;AWS_ENDPOINT_URL=https://localhost:4566")),
      identity(local("AWS_PROFILE=prod;NO_PROXY=.example"))};
  EXPECT_EQ(identities.size(), 6U);
}

TEST_F(EcrProviderTest, AnEditIsAnotherIdentityAtOnce)
{
  const auto asker = local("AWS_PROFILE=prod");
  const auto before = identity(asker);
  EXPECT_EQ(identity(asker), before);

  write(home / ".aws" / "credentials", "[prod]\naws_access_key_id=AKIAFAKEOTHER\n"
                                       "aws_secret_access_key=fake-other-secret\n");
  const auto edited = identity(asker);
  EXPECT_NE(edited, before);

  write(home / ".aws" / "config", "[profile prod]\nregion=eu-west-1\n");
  EXPECT_NE(identity(asker), edited);

  fs::remove(home / ".aws" / "config");
  write(home / ".aws" / "credentials", std::string(k_prod));
  EXPECT_EQ(identity(asker), before);
  http.answer(200, token_body(12h));
  ASSERT_TRUE(fetch(asker));
  EXPECT_EQ(signed_by(), "AKIAFAKEPROD");
}

// The two files can be watched and not be read again: a file that is a pipe by now would
// be an error.
TEST_F(EcrProviderTest, AWarmResolutionReadsNoFile)
{
  const auto asker = local("AWS_PROFILE=prod");
  const auto before = identity(asker);
  const auto accessed = [] {
    // The kernel's count of reads by this process.
    std::ifstream io_counts("/proc/self/io");
    std::string name;
    long long count = 0;
    while (io_counts >> name >> count)
      if (name == "rchar:") return count;
    return -1LL;
  };
  const auto counted = accessed();
  const auto own_cost = accessed() - counted; // of reading the count
  const auto first = accessed();
  EXPECT_EQ(identity(asker), before);
  EXPECT_LE(accessed() - first - own_cost, 64); // the watch has nothing to tell
}

TEST_F(EcrProviderTest, WhatWasReadIsReadAgainAfterTenSeconds)
{
  const auto asker =
      local("AWS_PROFILE=prod;AWS_SHARED_CREDENTIALS_FILE=" + (home / "link").string());
  fs::create_hard_link(home / ".aws" / "credentials", home / "link");
  const auto before = identity(asker);
  clock.advance(11s);
  EXPECT_EQ(identity(asker), before);
}

TEST_F(EcrProviderTest, ManyAskersAtOnceAreAllAnswered)
{
  const auto asker = local("AWS_PROFILE=prod");
  int answered = 0;
  std::set<std::string> identities;
  for (int i = 0; i < 2000; ++i) {
    auto put = [&](Result<Resolved> resolved) {
      ++answered;
      identities.insert(resolved ? resolved->identity.digest : resolved.error().what);
    };
    auto call = provider().resolve(Rule{}, *RegistryKey::parse(k_host), asker);
    asio::co_spawn(io, deliver<Resolved>(std::move(call), std::move(put)), rethrow);
  }
  while (answered < 2000)
    io.run_one();
  EXPECT_EQ(identities.size(), 1U);
  EXPECT_EQ(identities.begin()->size(), 32U);
}

// Names of files

TEST_F(EcrProviderTest, RelativeNamesBeginWhereTheAskerIs)
{
  write(folder / "creds", "[default]\naws_access_key_id=AKIAFAKERELATIVE\n"
                          "aws_secret_access_key=fake-secret\n");
  http.answer(200, token_body(12h));
  ASSERT_TRUE(fetch(local("AWS_SHARED_CREDENTIALS_FILE=creds")));
  EXPECT_EQ(signed_by(), "AKIAFAKERELATIVE");
}

TEST_F(EcrProviderTest, ATildeIsTheAskersHome)
{
  http.answer(200, token_body(12h));
  ASSERT_TRUE(fetch(local("AWS_PROFILE=prod;AWS_SHARED_CREDENTIALS_FILE=~/.aws/credentials")));
  EXPECT_EQ(signed_by(), "AKIAFAKEPROD");
}

TEST_F(EcrProviderTest, AFileThatIsNoneIsAnError)
{
  const auto failed = error(local("AWS_CONFIG_FILE=" + folder.string()));
  EXPECT_EQ(failed.code, Errc::misconfigured);
  EXPECT_THAT(failed.what, HasSubstr(folder.string()));
}

TEST_F(EcrProviderTest, ABrokenFileIsAnErrorThatNamesTheLine)
{
  write(home / ".aws" / "config", "[default]\nfake-secret-on-its-own\n");
  const auto failed = error(local());
  EXPECT_EQ(failed.code, Errc::misconfigured);
  EXPECT_THAT(failed.what, HasSubstr((home / ".aws" / "config").string() + " line 2"));
  EXPECT_THAT(failed.what, Not(HasSubstr("fake-secret")));
}

// Sources that are broken, missing or for a later version

TEST_F(EcrProviderTest, NothingConfiguredIsNotConfigured)
{
  write(home / ".aws" / "config", "[default]\nregion=us-east-1\n");
  const std::string no_machine = "AWS_EC2_METADATA_DISABLED=true";
  EXPECT_EQ(error(local(no_machine)).code, Errc::not_configured);
  EXPECT_EQ(error(local(no_machine + ";AWS_ACCESS_KEY_ID=  ;AWS_SECRET_ACCESS_KEY=")).code,
            Errc::not_configured);
  // Where anonymous use is fine, nobody waits for a machine that is not in EC2.
  EXPECT_EQ(error(local(), "public.ecr.aws").code, Errc::not_configured);
}

TEST_F(EcrProviderTest, TheMachineIsAskedLast)
{
  EXPECT_EQ(resolve(local())->source, "EC2 instance");
  EXPECT_EQ(resolve(local("AWS_PROFILE=prod"))->source, "profile prod");
}

TEST_F(EcrProviderTest, HalfAPairIsAnError)
{
  EXPECT_EQ(error(local("AWS_ACCESS_KEY_ID=AKIAFAKE")).code, Errc::misconfigured);
  EXPECT_EQ(error(local("AWS_SECRET_ACCESS_KEY=fake;AWS_PROFILE=prod")).code, Errc::misconfigured);
  write(home / ".aws" / "config", "[profile half]\naws_access_key_id=AKIAFAKE\n");
  const auto failed = error(local("AWS_PROFILE=half"));
  EXPECT_EQ(failed.code, Errc::misconfigured);
  EXPECT_THAT(failed.what, HasSubstr("profile \"half\""));
  EXPECT_THAT(failed.what, Not(HasSubstr("AKIAFAKE")));
}

TEST_F(EcrProviderTest, AProfileThatIsMissingIsAnError)
{
  const auto failed = error(local("AWS_PROFILE=absent"));
  EXPECT_EQ(failed.code, Errc::misconfigured);
  EXPECT_THAT(failed.what, HasSubstr("profile \"absent\""));
  EXPECT_EQ(error(local(), k_host, with_profile("absent")).code, Errc::misconfigured);
}

TEST_F(EcrProviderTest, StaticKeysOfAProfileComeBeforeSso)
{
  write(home / ".aws" / "config", "[profile prod]\nsso_session=s\n");
  EXPECT_TRUE(resolve(local("AWS_PROFILE=prod")));
}

// Askers of other mount namespaces

TEST_F(EcrProviderTest, AForeignAskersFilesAreNotRead)
{
  EXPECT_EQ(error(foreign("AWS_PROFILE=prod")).code, Errc::misconfigured);
  EXPECT_THAT(error(foreign()).what, HasSubstr("add a rule"));
  EXPECT_EQ(error(foreign("AWS_PROFILE=prod"), "public.ecr.aws").code, Errc::misconfigured);
  EXPECT_EQ(error(foreign(), "public.ecr.aws").code, Errc::not_configured);
}

TEST_F(EcrProviderTest, AForeignAskersOwnKeysCount)
{
  http.answer(200, token_body(12h));
  const auto asker = foreign(std::string(k_keys) +
                             ";AWS_ENDPOINT_URL=https://ecr.example:8443;AWS_CA_BUNDLE=/theirs.pem;"
                             "SSL_CERT_FILE=/theirs.pem;HTTPS_PROXY=http://proxy.example");
  ASSERT_TRUE(fetch(asker));
  EXPECT_EQ(signed_by(), "AKIAFAKEENV");
  EXPECT_EQ(http.requests.back().url, "https://ecr.example:8443/");
  EXPECT_EQ(http.requests.back().egress.https_proxy, "http://proxy.example");
  EXPECT_EQ(http.requests.back().egress.ca_file, "");
}

TEST_F(EcrProviderTest, AForeignAskerOfARulesProfileChoosesNothing)
{
  write(own_home / ".aws" / "credentials", "[prod]\naws_access_key_id=AKIAFAKEOWN\n"
                                           "aws_secret_access_key=fake-own-secret\n");
  http.answer(200, token_body(12h));
  const auto asker =
      foreign(std::string(k_keys) +
              ";AWS_ENDPOINT_URL=https://evil.example;HTTPS_PROXY=http://evil.example;"
              "AWS_SHARED_CREDENTIALS_FILE=/x;AWS_USE_FIPS_ENDPOINT=true");
  const auto resolved = resolve(asker, k_host, with_profile("prod"));
  ASSERT_TRUE(resolved);
  ASSERT_TRUE(run(provider().fetch(resolved->identity)));
  EXPECT_EQ(signed_by(), "AKIAFAKEOWN");
  EXPECT_EQ(http.requests.back().url, "https://api.ecr.us-east-1.amazonaws.com/");
  EXPECT_EQ(http.requests.back().egress.https_proxy, "");
}

TEST_F(EcrProviderTest, ALocalAskerWithoutHomeHasTheDaemons)
{
  write(own_home / ".aws" / "credentials", "[default]\naws_access_key_id=AKIAFAKEOWN\n"
                                           "aws_secret_access_key=fake-own-secret\n");
  http.answer(200, token_body(12h));
  ASSERT_TRUE(fetch(std::make_shared<const Asker>(Environment(), "", true)));
  EXPECT_EQ(signed_by(), "AKIAFAKEOWN");
}

// Where it asks

TEST_F(EcrProviderTest, EndpointsAreChosenInOrder)
{
  write(home / ".aws" / "config",
        "[profile prod]\nendpoint_url=https://profile.example\nservices=s\n"
        "[profile dev]\nendpoint_url=https://dev.example/path\n"
        "[services s]\necr=\n  endpoint_url=https://service.example\n");
  struct Row {
    std::string variables;
    std::optional<std::string> endpoint;
    std::string url;
  };
  const std::string all = "AWS_PROFILE=prod;AWS_ENDPOINT_URL_ECR=https://ecr.example;"
                          "AWS_ENDPOINT_URL=https://any.example";
  const std::vector<Row> rows{{all, "https://rule.example", "https://rule.example/"},
                              {all, std::nullopt, "https://ecr.example/"},
                              {"AWS_PROFILE=prod;AWS_ENDPOINT_URL=https://any.example",
                               std::nullopt, "https://any.example/"},
                              {"AWS_PROFILE=prod;AWS_ENDPOINT_URL_ECR_PUBLIC=https://x.example",
                               std::nullopt, "https://service.example/"},
                              {"AWS_PROFILE=dev", std::nullopt, "https://dev.example/path"},
                              {all + ";AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true", std::nullopt,
                               "https://api.ecr.us-east-1.amazonaws.com/"},
                              {all + ";AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true",
                               "https://rule.example", "https://rule.example/"}};
  for (const auto& row : rows) {
    Rule rule;
    rule.endpoint = row.endpoint;
    const auto resolved = resolve(local(row.variables), k_host, rule);
    ASSERT_TRUE(resolved) << row.url;
    http.answer(200, token_body(12h));
    ASSERT_TRUE(run(provider().fetch(resolved->identity)));
    EXPECT_EQ(http.requests.back().url, row.url);
  }
}

TEST_F(EcrProviderTest, ACustomDomainNamesItsRegistry)
{
  EXPECT_EQ(error(local("AWS_PROFILE=prod"), "images.example.com").code, Errc::misconfigured);
  Rule rule;
  rule.registry = k_host;
  EXPECT_EQ(identity(local("AWS_PROFILE=prod"), "images.example.com", rule),
            identity(local("AWS_PROFILE=prod")));
}

TEST_F(EcrProviderTest, UnusableEndpointsAreErrors)
{
  for (const std::string url : {"ftp://x", "https://user:fake-pass@x", "https://x?y", "nonsense",
                                "http://ecr.example", "http://localhost.example:4566"}) {
    const auto failed = error(local("AWS_PROFILE=prod;AWS_ENDPOINT_URL=" + url));
    EXPECT_EQ(failed.code, Errc::misconfigured) << url;
    EXPECT_THAT(failed.what, HasSubstr("AWS_ENDPOINT_URL"));
    EXPECT_THAT(failed.what, Not(HasSubstr("fake-pass")));
  }
  EXPECT_EQ(
      error(local("AWS_PROFILE=prod;AWS_ENDPOINT_URL=https://x;AWS_USE_FIPS_ENDPOINT=true")).code,
      Errc::misconfigured);
  EXPECT_EQ(error(local("AWS_PROFILE=prod;AWS_USE_FIPS_ENDPOINT=maybe")).code, Errc::misconfigured);
}

// Tokens

TEST_F(EcrProviderTest, APasswordLivesFromTheRequestOn)
{
  http.answer(200, token_body(12h), {{"Date", std::string(k_date)}});
  const auto sent = clock.now();
  const auto token = fetch(local("AWS_PROFILE=prod"));
  ASSERT_TRUE(token);
  EXPECT_EQ(token->username, "AWS");
  EXPECT_EQ(token->secret.reveal(), "fake-password:1");
  EXPECT_EQ(token->sent_at, sent);
  EXPECT_EQ(token->life, 12h);
}

TEST_F(EcrProviderTest, OurClockDoesNotMatterForTheLife)
{
  for (const auto wrong : {-1h, 1h}) {
    clock.set_wall(server_time() + wrong);
    http.answer(200, token_body(12h), {{"Date", std::string(k_date)}});
    EXPECT_EQ(fetch(local("AWS_PROFILE=prod"))->life, 12h);
  }
}

TEST_F(EcrProviderTest, ALongLifeIsCutAndAnEndedOneRefused)
{
  http.answer(200, token_body(1000h), {{"Date", std::string(k_date)}});
  EXPECT_EQ(fetch(local("AWS_PROFILE=prod"))->life, 24h);
  for (const Duration life : {Duration(0s), Duration(-1h)}) {
    http.answer(200, token_body(life), {{"Date", std::string(k_date)}});
    EXPECT_EQ(fetch(local("AWS_PROFILE=prod")).error().code, Errc::protocol_error);
  }
}

TEST_F(EcrProviderTest, EcrPublicIsAskedInItsOwnWay)
{
  http.answer(200, R"({"authorizationData":{"authorizationToken":")" + std::string(k_token) +
                       R"(","expiresAt":)" + std::to_string(server_seconds() + 43200) + "}}");
  const auto token = fetch(local("AWS_PROFILE=prod"), "public.ecr.aws");
  ASSERT_TRUE(token);
  EXPECT_EQ(token->secret.reveal(), "fake-password:1");
  EXPECT_EQ(http.requests.back().url, "https://api.ecr-public.us-east-1.amazonaws.com/");
}

TEST_F(EcrProviderTest, WhatNobodyAsksForIsForgottenAfterAnHour)
{
  const auto resolved = resolve(local("AWS_PROFILE=prod"));
  clock.advance(59min);
  http.answer(200, token_body(12h));
  EXPECT_TRUE(run(provider().fetch(resolved->identity)));
  clock.advance(1min);
  EXPECT_EQ(run(provider().fetch(resolved->identity)).error().code, Errc::expired_source);
  EXPECT_EQ(run(provider().fetch(Identity("nobody's"))).error().code, Errc::expired_source);
}

TEST_F(EcrProviderTest, AskingKeepsItForAnotherHour)
{
  const auto asker = local("AWS_PROFILE=prod");
  const auto resolved = resolve(asker);
  clock.advance(59min);
  EXPECT_EQ(identity(asker), resolved->identity.digest);
  clock.advance(59min);
  http.answer(200, token_body(12h));
  EXPECT_TRUE(run(provider().fetch(resolved->identity)));
}

// Failures

TEST_F(EcrProviderTest, AWrongKeyIsSaidOnceAndPlainly)
{
  http.answer(400, error_body("com.amazon.coral.service#UnrecognizedClientException"));
  const auto failed = fetch(local("AWS_PROFILE=prod")).error();
  EXPECT_EQ(failed.code, Errc::rejected);
  EXPECT_EQ(failed.what,
            "api.ecr.us-east-1.amazonaws.com: AWS rejected the access key of profile \"prod\" "
            "(UnrecognizedClientException): check the key with \"aws sts get-caller-identity "
            "--profile prod\"");
  EXPECT_EQ(http.requests.size(), 1U);
}

TEST_F(EcrProviderTest, NoErrorHasASecretOrABody)
{
  for (const std::string code : {"UnrecognizedClientException", "ExpiredTokenException",
                                 "AccessDeniedException", "ValidationException", "Throttling"}) {
    http.answer(400, error_body(code), {{"Retry-After", "60"}});
    const auto failed =
        fetch(local(std::string(k_keys) + ";AWS_SESSION_TOKEN=fake-session")).error();
    for (const std::string secret : {"AKIAFAKEENV", "fake-env-secret", "fake-session", "body-of"})
      EXPECT_THAT(failed.what, Not(HasSubstr(secret)));
    EXPECT_THAT(failed.what, HasSubstr("api.ecr.us-east-1.amazonaws.com"));
    EXPECT_THAT(failed.what, HasSubstr(code));
    EXPECT_THAT(failed.what, Not(HasSubstr("\n")));
  }
}

TEST_F(EcrProviderTest, FaultsAreTriedTwiceMore)
{
  http.answer(500, "{}");
  http.fail(Errc::transient, "connection reset");
  http.answer(200, token_body(12h));
  EXPECT_TRUE(fetch(local("AWS_PROFILE=prod")));
  EXPECT_EQ(clock.slept, (std::vector<Duration>{50ms, 100ms}));
}

TEST_F(EcrProviderTest, AFaultThatStaysIsAnError)
{
  for (int i = 0; i < 3; ++i)
    http.answer(503, "<html>sorry</html>");
  EXPECT_EQ(fetch(local("AWS_PROFILE=prod")).error().code, Errc::transient);
  EXPECT_EQ(http.requests.size(), 3U);
}

TEST_F(EcrProviderTest, ThrottlingIsObeyed)
{
  http.answer(400, error_body("ThrottlingException"), {{"x-amz-retry-after", "2500"}});
  http.answer(200, token_body(12h));
  EXPECT_TRUE(fetch(local("AWS_PROFILE=prod")));
  EXPECT_EQ(clock.slept, (std::vector<Duration>{2500ms}));

  http.answer(429, "{}", {{"Retry-After", "30"}});
  const auto failed = fetch(local("AWS_PROFILE=prod")).error();
  EXPECT_EQ(failed.code, Errc::throttled);
  EXPECT_EQ(failed.retry_after, Duration(30s));
}

TEST_F(EcrProviderTest, AClockThatIsWrongIsCorrectedOnce)
{
  clock.set_wall(server_time() - 1h);
  http.answer(403, error_body("InvalidSignatureException"), {{"Date", std::string(k_date)}});
  http.answer(200, token_body(12h), {{"Date", std::string(k_date)}});
  ASSERT_TRUE(fetch(local("AWS_PROFILE=prod")));
  ASSERT_EQ(http.requests.size(), 2U);
  const auto date = [this](std::size_t index) {
    for (const auto& header : http.requests.at(index).headers)
      if (header.name == "X-Amz-Date") return header.value;
    return std::string{};
  };
  EXPECT_EQ(date(0), "20260820T090000Z");
  EXPECT_EQ(date(1), "20260820T100000Z");

  http.answer(200, token_body(12h), {{"Date", std::string(k_date)}});
  ASSERT_TRUE(fetch(local("AWS_PROFILE=prod")));
  EXPECT_EQ(date(2), "20260820T100000Z"); // known by now
}

TEST_F(EcrProviderTest, AClockThatWasSetIsBelievedAgain)
{
  clock.set_wall(server_time() - 1h);
  http.answer(403, error_body("InvalidSignatureException"), {{"Date", std::string(k_date)}});
  http.answer(200, token_body(12h), {{"Date", std::string(k_date)}});
  ASSERT_TRUE(fetch(local("AWS_PROFILE=prod")));
  clock.set_wall(server_time());
  provider().clock_was_set();
  http.answer(200, token_body(12h), {{"Date", std::string(k_date)}});
  ASSERT_TRUE(fetch(local("AWS_PROFILE=prod")));
  EXPECT_EQ(http.requests.size(), 3U);
  EXPECT_EQ(header("X-Amz-Date"), "20260820T100000Z");
}

// Whether the registry takes it

TEST_F(EcrProviderTest, ATokenIsProbedWhereTheRuleWantsIt)
{
  Rule rule;
  rule.provider = "ecr";
  const auto plain = resolve(local("AWS_PROFILE=prod"), k_host, rule);
  EXPECT_TRUE(probe(*plain));
  EXPECT_TRUE(http.requests.empty());

  rule.probe = true;
  const auto probed = resolve(local("AWS_PROFILE=prod"), k_host, rule);
  EXPECT_EQ(probed->identity.digest, plain->identity.digest);
  http.answer(200, "{}");
  EXPECT_TRUE(probe(*probed));
  EXPECT_EQ(http.requests.back().url, "https://" + std::string(k_host) + "/v2/");
  EXPECT_EQ(header("Authorization"), "Basic " + std::string(k_token));
}

TEST_F(EcrProviderTest, OnlyARefusalSpeaksAgainstAToken)
{
  Rule rule;
  rule.provider = "ecr";
  rule.probe = true;
  const auto resolved = resolve(local("AWS_PROFILE=prod"), k_host, rule);
  for (const unsigned status : {401U, 403U}) {
    http.answer(status, "{}");
    const auto refused = probe(*resolved);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::transient); // tried again, while the old one lives
    EXPECT_THAT(refused.error().what, HasSubstr("refuses the new token (HTTP " +
                                                std::to_string(status) + "): the old one stays"));
  }
  for (const unsigned status : {200U, 302U, 404U, 429U, 500U}) {
    http.answer(status, "<html>");
    EXPECT_TRUE(probe(*resolved)) << status;
  }
  http.fail(Errc::timeout, "gave up waiting");
  EXPECT_TRUE(probe(*resolved));
}

TEST_F(EcrProviderTest, ARefusalWithARightClockIsNotRepeated)
{
  http.answer(403, error_body("InvalidSignatureException"), {{"Date", std::string(k_date)}});
  EXPECT_EQ(fetch(local("AWS_PROFILE=prod")).error().code, Errc::rejected);
  EXPECT_EQ(http.requests.size(), 1U);
}

TEST_F(EcrProviderTest, WhereListsDisagreeAboutTheNameBothAreTried)
{
  http.fail(Errc::transient, "no such host");
  http.answer(200, token_body(12h));
  ASSERT_TRUE(
      fetch(local("AWS_PROFILE=prod"), "123456789012.dkr.ecr-fips.us-east-1.amazonaws.com"));
  EXPECT_EQ(http.requests.at(0).url, "https://api.ecr-fips.us-east-1.amazonaws.com/");
  EXPECT_EQ(http.requests.at(1).url, "https://ecr-fips.us-east-1.amazonaws.com/");
}

TEST_F(EcrProviderTest, APageIsNoAnswer)
{
  http.answer(200, "<!DOCTYPE html><html>log in</html>", {{"Content-Type", "text/html"}});
  const auto failed = fetch(local("AWS_PROFILE=prod")).error();
  EXPECT_EQ(failed.code, Errc::protocol_error);
  EXPECT_THAT(failed.what, HasSubstr("a proxy or captive portal answered"));
}

// Who wants to hear why

constexpr std::string_view k_caller =
    "<GetCallerIdentityResponse><GetCallerIdentityResult>"
    "<Arn>arn:aws:iam::123456789012:user/prod</Arn><Account>123456789012</Account>"
    "</GetCallerIdentityResult></GetCallerIdentityResponse>";

// `TOPIC STATE text`, a line each.
std::string told(const Diagnosis& diagnosis)
{
  std::string lines;
  for (const Finding& finding : diagnosis.findings)
    lines += std::string(finding.topic) + " " + std::string(to_string(finding.state)) + " " +
             finding.text + "\n";
  return lines;
}

struct ListeningTest : EcrProviderTest {
  // The same shell as local(), with somebody who listens.
  std::shared_ptr<const Asker> listener(const std::string& variables)
  {
    auto asker = std::make_shared<Asker>(environment("HOME=" + home.string() + ";" + variables),
                                         folder.string(), true);
    diagnosis = std::make_shared<Diagnosis>();
    asker->diagnosis = diagnosis;
    return asker;
  }

  std::shared_ptr<Diagnosis> diagnosis;
};

TEST_F(ListeningTest, TheWayToATokenIsTold)
{
  http.answer(200, k_caller, {{"Date", std::string(k_date)}});
  ASSERT_TRUE(resolve(listener("AWS_PROFILE=prod")));
  EXPECT_EQ(http.requests.size(), 1U);
  EXPECT_EQ(http.requests.front().url, "https://sts.us-east-1.amazonaws.com/");
  EXPECT_EQ(http.requests.front().body, "Action=GetCallerIdentity&Version=2011-06-15");
  EXPECT_EQ(signed_by(), "AKIAFAKEPROD");
  const auto text = told(*diagnosis);
  EXPECT_THAT(text, HasSubstr("source used the shared files: the access keys of profile \"prod\"\n"
                              "source skipped the container's endpoint\n"
                              "source skipped EC2's metadata service\n"
                              "region ok us-east-1\n"
                              "endpoint ok api.ecr.us-east-1.amazonaws.com\n"
                              "proxy absent none on the way to api.ecr.us-east-1.amazonaws.com\n"
                              "certificates used the system's\n"
                              "keys ok the access keys of profile \"prod\"\n"
                              "principal ok arn:aws:iam::123456789012:user/prod, account "
                              "123456789012\n"));
  ASSERT_TRUE(diagnosis->principal);
  EXPECT_EQ(diagnosis->principal->account, "123456789012");
  EXPECT_THAT(text, Not(HasSubstr("fake-prod-secret")));
  EXPECT_THAT(text, Not(HasSubstr("AKIAFAKEPROD")));
}

TEST_F(ListeningTest, TheIdentityIsThatOfAGet)
{
  http.answer(200, k_caller);
  EXPECT_EQ(identity(listener("AWS_PROFILE=prod")), identity(local("AWS_PROFILE=prod")));
  EXPECT_EQ(identity(local("AWS_PROFILE=prod")), identity(local("AWS_PROFILE=prod")));
}

TEST_F(ListeningTest, AWarmResolutionIsToldAsWell)
{
  ASSERT_TRUE(resolve(local("AWS_PROFILE=prod")));
  http.answer(200, k_caller);
  ASSERT_TRUE(resolve(listener("AWS_PROFILE=prod")));
  EXPECT_THAT(told(*diagnosis), HasSubstr("source used the shared files"));
}

TEST_F(ListeningTest, NobodyElseAsksSts)
{
  ASSERT_TRUE(resolve(local("AWS_PROFILE=prod")));
  EXPECT_TRUE(http.requests.empty());
}

TEST_F(ListeningTest, AnUnknownPrincipalHindersNothing)
{
  http.fail(Errc::timeout, "sts.us-east-1.amazonaws.com: no answer");
  ASSERT_TRUE(resolve(listener("AWS_PROFILE=prod")));
  EXPECT_THAT(told(*diagnosis), HasSubstr("principal warning not known, which hinders nothing: "
                                          "sts.us-east-1.amazonaws.com: no answer\n"));
  http.answer(403, "<ErrorResponse><Error><Code>AccessDenied</Code></Error></ErrorResponse>");
  ASSERT_TRUE(resolve(listener("AWS_PROFILE=prod")));
  EXPECT_THAT(told(*diagnosis), HasSubstr("may not do this (AccessDenied): allow "
                                          "sts:GetCallerIdentity"));
}

TEST_F(ListeningTest, EachRoleOfAChainIsTold)
{
  write(home / ".aws" / "config", "[profile app]\nrole_arn=arn:role/app\nsource_profile=prod\n");
  http.answer(403, "<ErrorResponse><Error><Code>AccessDenied</Code></Error></ErrorResponse>");
  ASSERT_TRUE(resolve(listener("AWS_PROFILE=app")));
  const auto text = told(*diagnosis);
  EXPECT_THAT(text, HasSubstr("keys ok the access keys of profile \"prod\"\n"
                              "keys failed the role arn:role/app (profile \"app\"): "
                              "sts.us-east-1.amazonaws.com: "));
  EXPECT_THAT(text, HasSubstr("sts:AssumeRole on arn:role/app"));
  EXPECT_THAT(text, Not(HasSubstr("principal")));
}

TEST_F(ListeningTest, AProxyIsToldWithoutItsPassword)
{
  http.answer(200, k_caller);
  ASSERT_TRUE(resolve(listener("AWS_PROFILE=prod;AWS_CA_BUNDLE=/ca.pem;"
                               "HTTPS_PROXY=http://ann:fake-password@proxy.example:3128")));
  const auto text = told(*diagnosis);
  EXPECT_THAT(text, HasSubstr("proxy used proxy proxy.example:3128\n"
                              "certificates used /ca.pem\n"));
  EXPECT_THAT(text, Not(HasSubstr("fake-password")));
}

TEST_F(ListeningTest, AMachineThatIsNoInstanceIsNoSource)
{
  http.fail(Errc::timeout, "169.254.169.254: no answer");
  ASSERT_TRUE(resolve(listener("")));
  EXPECT_EQ(diagnosis->trouble, Diagnosis::Trouble::no_source);
  EXPECT_THAT(told(*diagnosis), HasSubstr("keys failed the role of the EC2 instance, from "
                                          "169.254.169.254: "));
}

TEST_F(ListeningTest, AClockThatIsWrongIsTold)
{
  Diagnosis before;
  provider().describe(before);
  EXPECT_EQ(told(before), "clock ok no host of AWS was seen to disagree by minutes\n");
  http.answer(200, token_body(12h), {{"Date", "Thu, 20 Aug 2026 10:10:00 GMT"}});
  (void)fetch(local("AWS_PROFILE=prod"));
  Diagnosis after;
  provider().describe(after);
  EXPECT_THAT(told(after), HasSubstr("clock warning 10 minutes behind that of "
                                     "api.ecr.us-east-1.amazonaws.com"));
}

} // namespace
} // namespace purser::ecr
