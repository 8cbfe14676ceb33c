#include "daemon/server/doctor_handler.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/map_store.hpp"
#include "tests/support/scripted_provider.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace purser::test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

bool is_minted(const RegistryKey& key)
{
  return key.host().starts_with("minted");
}
bool is_public(const RegistryKey& key)
{
  return key.host() == "minted.public";
}

struct DoctorHandlerTest : testing::Test {
  asio::io_context io;
  ManualClock clock{io};
  ScriptedProvider provider{clock};
  SealingKey key = SealingKey::random();
  MapStore store;
  CurrentSettings settings{LoadedConfig{}};
  ProviderTable providers{{ProviderSpec{"ecr", is_minted, is_public, &provider}}};
  TokenCache tokens{io.get_executor(), clock, [] { return 0.5; }, key};
  Overrides overrides{clock, key};
  AuditLog audit;
  DaemonFacts facts{"/run/agent.sock", "hand", "/home/ann/config.json", true, {}, {}};
  CredentialService credentials{clock, settings, providers, tokens, overrides, store, [] {}};
  DoctorHandler handler{
      clock, {facts, settings, providers, credentials, store}, audit, [this] { return refresh(); }};
  int refreshes = 0;
  bool local = true;
  std::string variables;

  DoctorHandlerTest()
  {
    facts.started_at = clock.now();
    load(LoadedConfig::Origin::absent);
  }

  void load(LoadedConfig::Origin origin, std::optional<std::string> error = {}, Rule rule = {})
  {
    LoadedConfig loaded;
    loaded.origin = origin;
    loaded.error = std::move(error);
    if (!rule.match.empty()) loaded.config.registries.push_back(std::move(rule));
    settings.replace(std::move(loaded));
  }

  asio::awaitable<void> refresh()
  {
    ++refreshes;
    co_return;
  }

  ServerResponse send(std::string method, std::string target, const std::string& body)
  {
    ServerRequest request;
    request.method = std::move(method);
    request.target = std::move(target);
    request.body.assign(body.begin(), body.end());
    request.peer.local = local;
    request.received_at = clock.now();
    std::optional<ServerResponse> answer;
    asio::co_spawn(io, receive(std::move(request), answer), asio::detached);
    clock.run();
    for (int i = 0; i < 60 && !answer; ++i)
      clock.advance(1s);
    return std::move(answer).value();
  }
  asio::awaitable<void> receive(ServerRequest request, std::optional<ServerResponse>& answer)
  {
    answer = co_await handler.handle(std::move(request));
  }
  Json ask(std::string_view registry = "")
  {
    const auto answer = send("POST", "/v1/doctor", variables + '\0' + std::string(registry));
    EXPECT_EQ(answer.status, 200U);
    return Json::parse(answer.body.begin(), answer.body.end());
  }
  // `STATE text` of each step of a topic, a line each.
  static std::string steps(const Json& answer, std::string_view topic)
  {
    std::string lines;
    for (const auto& step : answer.at("steps"))
      if (step.at("topic") == topic)
        lines +=
            step.at("state").get<std::string>() + " " + step.at("text").get<std::string>() + "\n";
    return lines;
  }
};

TEST_F(DoctorHandlerTest, SaysHowTheDaemonIs)
{
  const auto answer = ask();
  EXPECT_EQ(refreshes, 1);
  EXPECT_EQ(answer.at("outcome"), "ok");
  EXPECT_TRUE(answer.at("code").is_null() && answer.at("registry").is_null());
  EXPECT_THAT(steps(answer, "daemon"), HasSubstr("started by hand, at /run/agent.sock\n"));
  EXPECT_EQ(steps(answer, "configuration"),
            "absent there is no /home/ann/config.json: nothing needs one\n");
  EXPECT_EQ(steps(answer, "store"), "ok a map: it and its key can be opened\n");
  EXPECT_THAT(steps(answer, "memory"), HasSubstr("ok locked"));
  EXPECT_THAT(steps(answer, "rule"), HasSubstr("absent none: ECR by its built-in patterns"));
  EXPECT_EQ(provider.fetches, 0);
  EXPECT_TRUE(audit.events().empty()) << "nothing was asked for";
}

TEST_F(DoctorHandlerTest, SaysWhichRulesThereAre)
{
  Rule rule;
  rule.match = "minted.example";
  rule.provider = "ecr";
  rule.profile = "prod";
  rule.registry = "123456789012.dkr.ecr.us-east-1.amazonaws.com";
  load(LoadedConfig::Origin::file, {}, rule);
  EXPECT_EQ(steps(ask(), "rule"), "ok minted.example: ecr, profile prod, for "
                                  "123456789012.dkr.ecr.us-east-1.amazonaws.com\n");
  EXPECT_EQ(steps(ask("minted.example"), "rule"),
            "used the rule \"minted.example\": provider ecr, profile prod\n");
}

TEST_F(DoctorHandlerTest, ABrokenConfigurationIsNamedAndCountsWhereNothingStandsInForIt)
{
  load(LoadedConfig::Origin::last_good, "config.json: registrys: unknown key");
  auto answer = ask();
  EXPECT_EQ(answer.at("outcome"), "configuration");
  EXPECT_EQ(steps(answer, "configuration"), "failed config.json: registrys: unknown key; what it "
                                            "said when it was last right is used\n");
  EXPECT_EQ(ask("minted.example").at("outcome"), "ok");

  load(LoadedConfig::Origin::none, "config.json: registrys: unknown key");
  answer = ask("minted.example");
  EXPECT_EQ(answer.at("outcome"), "configuration");
  EXPECT_EQ(answer.at("code"), "misconfigured");
  EXPECT_THAT(answer.at("conclusion").get<std::string>(), HasSubstr("registrys: unknown key"));
}

TEST_F(DoctorHandlerTest, SaysWhatMemoryThatIsNotLockedMeans)
{
  facts.memory_locked = false;
  EXPECT_THAT(steps(ask(), "memory"), HasSubstr("warning not locked"));
}

TEST_F(DoctorHandlerTest, SaysWhatTheSandboxIsMissing)
{
  EXPECT_EQ(steps(ask(), "hardening"), "ok complete\n");
  facts.sandbox.missing = {"files: the kernel has no Landlock"};
  EXPECT_EQ(steps(ask(), "hardening"), "warning incomplete: files: the kernel has no Landlock\n");
}

TEST_F(DoctorHandlerTest, AStoreThatFailsIsAFault)
{
  store.trouble = Error(Errc::protocol_error, "the file is damaged");
  const auto answer = ask();
  EXPECT_EQ(answer.at("outcome"), "failed");
  EXPECT_EQ(answer.at("code"), "protocol_error");
  EXPECT_EQ(steps(answer, "store"), "failed a map: the file is damaged\n");
  EXPECT_EQ(ask("ghcr.io").at("outcome"), "failed");
}

TEST_F(DoctorHandlerTest, ATokenIsObtainedAsForAGetAndNotShown)
{
  variables = std::string("AWS_PROFILE=dev\0", 16);
  const auto answer = ask(" https://MINTED.example/v2/\n");
  EXPECT_EQ(answer.at("outcome"), "ok");
  EXPECT_EQ(answer.at("registry"), "minted.example");
  EXPECT_EQ(answer.at("provider"), "ecr");
  EXPECT_EQ(steps(answer, "registry"), "ok minted.example, from https://MINTED.example/v2/\n");
  EXPECT_EQ(steps(answer, "rule"), "used the built-in pattern of ecr\n");
  EXPECT_THAT(steps(answer, "token"), HasSubstr("ok fresh, 1 s old, alive for another 11 h 5"));
  EXPECT_EQ(answer.at("token").at("state"), "fresh");
  EXPECT_EQ(answer.at("token").at("age_seconds"), 1);
  EXPECT_EQ(answer.at("conclusion"), "A get is answered with a token of profile dev");
  EXPECT_THAT(answer.dump(), Not(HasSubstr("dev-1"))) << "the token";
  ask("minted.example");
  EXPECT_EQ(provider.fetches, 1) << "through the cache";
  ASSERT_EQ(audit.events().size(), 2U);
  EXPECT_EQ(audit.events().front().verb, "doctor");
  EXPECT_EQ(audit.events().front().source, "profile dev");
}

TEST_F(DoctorHandlerTest, AFailureSaysWhenItIsTriedAgain)
{
  provider.fetch_trouble = Error(Errc::forbidden, "api.example: may not do this");
  const auto answer = ask("minted.example");
  EXPECT_EQ(answer.at("outcome"), "failed");
  EXPECT_EQ(answer.at("code"), "forbidden");
  EXPECT_TRUE(answer.at("token").is_null());
  EXPECT_THAT(steps(answer, "token"),
              HasSubstr("failed api.example: may not do this; asked again after "));
  EXPECT_EQ(audit.events().front().outcome, "forbidden");
}

TEST_F(DoctorHandlerTest, ItEndsBeforeWhoAsksGivesUp)
{
  provider.resolve_takes = 120s;
  const auto begin = clock.now();
  const auto answer = ask("minted.example");
  EXPECT_LT(clock.now() - begin, 58s);
  EXPECT_EQ(answer.at("outcome"), "failed");
  EXPECT_EQ(answer.at("code"), "timeout");
  EXPECT_EQ(steps(answer, "rule"), "used the built-in pattern of ecr\n") << "what is known by then";
}

TEST_F(DoctorHandlerTest, WithoutASourceThereAreNoCredentials)
{
  provider.resolve_trouble = Error(Errc::not_configured, "there are no AWS credentials");
  const auto answer = ask("minted.example");
  EXPECT_EQ(answer.at("outcome"), "no_credentials");
  EXPECT_EQ(answer.at("code"), "misconfigured") << "as docker is told";
  const auto anonymous = ask("minted.public");
  EXPECT_EQ(anonymous.at("outcome"), "no_credentials");
  EXPECT_EQ(anonymous.at("code"), "not_configured");
}

TEST_F(DoctorHandlerTest, TheStoreAnswersForEverythingElse)
{
  const auto missing = ask("ghcr.io/team/app");
  EXPECT_EQ(missing.at("outcome"), "no_credentials");
  EXPECT_EQ(missing.at("code"), "not_configured");
  EXPECT_EQ(steps(missing, "store"), "absent a map: nothing is stored for ghcr.io/team/app\n");
  store.held.insert_or_assign({"", "ghcr.io"}, Credential("ann", Secret("fake-stored-secret")));
  const auto found = ask("ghcr.io/team/app");
  EXPECT_EQ(found.at("outcome"), "ok");
  EXPECT_EQ(found.at("provider"), "store");
  EXPECT_EQ(steps(found, "store"), "used stored for ghcr.io, user ann\n");
  EXPECT_THAT(found.dump(), Not(HasSubstr("fake-stored-secret")));
}

TEST_F(DoctorHandlerTest, AnOverrideIsSaidToBeOne)
{
  ASSERT_TRUE(overrides.put(Overrides::bound("minted.example", Identity("default")),
                            Credential("AWS", Secret("fake-override-secret"))));
  const auto answer = ask("minted.example");
  EXPECT_EQ(answer.at("provider"), "override");
  EXPECT_THAT(steps(answer, "store"), HasSubstr("used what docker login brought"));
  EXPECT_THAT(answer.dump(), Not(HasSubstr("fake-override-secret")));
  EXPECT_EQ(provider.fetches, 0);
}

TEST_F(DoctorHandlerTest, WhatIsNoRegistryIsNotQuoted)
{
  const auto answer = ask("https://ann:fake-password@host/");
  EXPECT_EQ(answer.at("outcome"), "failed");
  EXPECT_EQ(answer.at("code"), "bad_request");
  EXPECT_THAT(answer.dump(), Not(HasSubstr("fake-password")));
}

TEST_F(DoctorHandlerTest, ACallerInAContainerHearsThatItsFilesDoNotCount)
{
  EXPECT_EQ(steps(ask("minted.example"), "caller"), "");
  local = false;
  EXPECT_THAT(steps(ask("minted.example"), "caller"), HasSubstr("warning in another mount"));
}

TEST_F(DoctorHandlerTest, OtherRequestsAreRefused)
{
  EXPECT_EQ(send("GET", "/v1/doctor", "").status, 405U);
  EXPECT_EQ(send("POST", "/v1/doctors", std::string(1, '\0')).status, 404U);
  EXPECT_EQ(send("POST", "/v1/doctor", "AWS_PROFILE=prod").status, 400U);
}

} // namespace
} // namespace purser::test
