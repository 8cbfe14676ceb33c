#include "daemon/server/docker_handler.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/map_store.hpp"
#include "tests/support/scripted_provider.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace purser::test {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view k_not_found = "404 credentials not found in native keychain\n";

bool is_minted(const RegistryKey& key)
{
  return key.host().starts_with("minted");
}
bool is_public(const RegistryKey& key)
{
  return key.host() == "minted.public";
}

struct DockerHandlerTest : testing::Test {
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
  int changes = 0;
  CredentialService credentials{
      clock, settings, providers, tokens, overrides, store, [this] { ++changes; }};
  DockerHandler handler{clock, credentials, audit, [this] { return refresh(); }};
  int refreshes = 0;
  std::string variables;

  DockerHandlerTest()
  {
    LoadedConfig loaded;
    loaded.origin = LoadedConfig::Origin::absent;
    settings.replace(std::move(loaded));
  }

  asio::awaitable<void> refresh()
  {
    ++refreshes;
    co_return;
  }

  // `STATUS body` of the answer.
  std::string ask(std::string_view verb, std::string_view input)
  {
    ServerRequest request;
    request.method = "POST";
    request.target = "/v1/docker/" + std::string(verb);
    const std::string body = variables + '\0' + std::string(input);
    request.body.assign(body.begin(), body.end());
    request.peer.local = true;
    request.received_at = clock.now();
    request.patience = 8500ms;
    std::string answer = "(waiting)";
    asio::co_spawn(io, receive(std::move(request), answer), asio::detached);
    clock.run();
    if (answer == "(waiting)") clock.advance(1s);
    return answer;
  }
  asio::awaitable<void> receive(ServerRequest request, std::string& answer)
  {
    const auto response = co_await handler.handle(std::move(request));
    answer = std::to_string(response.status) + " " +
             std::string(response.body.begin(), response.body.end());
  }
  std::string secret_of(std::string_view registry)
  {
    auto answer = ask("get", registry);
    if (!answer.starts_with("200 ")) return answer;
    return nlohmann::json::parse(answer.substr(4)).at("Secret");
  }
  static std::string message(std::string_view url, std::string_view user, std::string_view secret)
  {
    return nlohmann::json{{"ServerURL", url}, {"Username", user}, {"Secret", secret}}.dump();
  }
};

TEST_F(DockerHandlerTest, AnswersWithTheKeyAsItWasAsked)
{
  const auto answer = ask("get", " https://MINTED.example/v2/\n");
  ASSERT_TRUE(answer.starts_with("200 "));
  const auto json = nlohmann::json::parse(answer.substr(4));
  EXPECT_EQ(json.at("ServerURL"), "https://MINTED.example/v2/");
  EXPECT_EQ(json.at("Username"), "AWS");
  EXPECT_EQ(json.at("Secret"), "default-1");
}

TEST_F(DockerHandlerTest, TheCallersEnvironmentDecidesWhoseTokenItIs)
{
  variables = std::string("AWS_PROFILE=dev\0", 16);
  EXPECT_EQ(secret_of("minted.example"), "dev-1");
  variables = std::string("AWS_PROFILE=prod\0", 17);
  EXPECT_EQ(secret_of("minted.example"), "prod-2");
}

TEST_F(DockerHandlerTest, WhatNobodyClaimsIsNotFoundWithoutAskingAnyone)
{
  EXPECT_EQ(ask("get", "ghcr.io"), k_not_found);
  EXPECT_EQ(ask("get", "docker.io/library/alpine"), k_not_found);
  EXPECT_EQ(provider.fetches, 0);
}

TEST_F(DockerHandlerTest, WithoutASourceOnlyAPublicRegistryIsNotFound)
{
  provider.resolve_trouble = Error(Errc::not_configured, "no AWS credentials");
  EXPECT_EQ(ask("get", "minted.public"), k_not_found);
  EXPECT_EQ(ask("get", "minted.private"), "502 purser: minted.private: no AWS credentials\n");
}

TEST_F(DockerHandlerTest, ALongRegistryNameIsSaidWhole)
{
  const std::string registry = "minted-" + std::string(50, 'x') + ".example";
  provider.resolve_trouble = Error(Errc::misconfigured, "broken");
  EXPECT_EQ(ask("get", registry), "502 purser: " + registry + ": broken\n");
}

TEST_F(DockerHandlerTest, AFailureIsNeverNotFound)
{
  provider.fetch_trouble = Error(Errc::transient, "the network is down");
  EXPECT_EQ(ask("get", "minted.public"), "502 purser: minted.public: the network is down; check "
                                         "the network or the proxy and try again\n");
  store.trouble = Error(Errc::misconfigured, "the store cannot be opened");
  EXPECT_EQ(ask("get", "ghcr.io"), "502 purser: ghcr.io: the store cannot be opened\n");
}

TEST_F(DockerHandlerTest, AStoreThatHangsIsNamedAndNoNetworkIsBlamed)
{
  store.trouble = Error(Errc::timeout, "gave up waiting");
  const std::string cause =
      ": no answer of the a map within 8.5 s: check the disk or the keyring that it is in\n";
  EXPECT_EQ(ask("get", "ghcr.io"), "504 purser: ghcr.io" + cause);
  EXPECT_EQ(ask("store", message("r.example", "u", "fake")), "504 purser: r.example" + cause);
  EXPECT_EQ(ask("erase", "r.example"), "504 purser: r.example" + cause);
}

TEST_F(DockerHandlerTest, ProtocolSentencesAreExact)
{
  EXPECT_EQ(ask("get", " \n"), "400 no credentials server URL\n");
  EXPECT_EQ(ask("erase", ""), "400 no credentials server URL\n");
  EXPECT_EQ(ask("store", message("", "u", "s")), "400 no credentials server URL\n");
  EXPECT_EQ(ask("store", message("r.example", "", "s")), "400 no credentials username\n");
}

TEST_F(DockerHandlerTest, WhatIsStoredComesBackUnderEverySpelling)
{
  EXPECT_EQ(ask("store", message("https://index.docker.io/v1/", "bob", "fake-pw")), "200 ");
  for (const auto* spelling : {"docker.io", "index.docker.io", "registry-1.docker.io",
                               "https://index.docker.io/v1/", "docker.io/library/alpine"})
    EXPECT_EQ(secret_of(spelling), "fake-pw") << spelling;
  EXPECT_EQ(ask("get", "https://index.docker.io/v1/access-token"), k_not_found);
}

TEST_F(DockerHandlerTest, AnIdentityTokenRoundTrips)
{
  ask("store", message("r.example", "<token>", "fake-refresh"));
  EXPECT_EQ(nlohmann::json::parse(ask("get", "r.example").substr(4)).at("Username"), "<token>");
}

TEST_F(DockerHandlerTest, ARepositoryGetsTheLongestStoredPrefix)
{
  ask("store", message("r.example", "u", "whole"));
  ask("store", message("r.example/team", "u", "team"));
  EXPECT_EQ(secret_of("r.example/team/app"), "team");
  EXPECT_EQ(secret_of("r.example/teams"), "whole");
  EXPECT_EQ(secret_of("r.example:444/team"), std::string(k_not_found));
}

TEST_F(DockerHandlerTest, LogoutTakesOneEntryAndLeavesTheOthers)
{
  ask("store", message("a.example", "u", "a"));
  ask("store", message("b.example", "u", "b"));
  for (const auto* spelling : {"a.example", "a.example", "http://a.example", "https://a.example"})
    EXPECT_EQ(ask("erase", spelling), "200 ");
  EXPECT_EQ(ask("get", "a.example"), k_not_found);
  EXPECT_EQ(secret_of("b.example"), "b");
}

TEST_F(DockerHandlerTest, ListNamesOnlyWhatIsStored)
{
  ask("get", "minted.example");
  ask("store", message("b.example", "bob", "fake"));
  EXPECT_EQ(ask("list", "unused"), "200 {\"b.example\":\"bob\"}\n");
}

TEST_F(DockerHandlerTest, ListLeavesOutWhatAGetIsNotAnsweredWith)
{
  ask("store", message("b.example", "bob", "fake"));
  for (const auto* name : {"minted.example", "no registry"})
    store.held.emplace(MapStore::Key("", name), Credential("AWS", Secret("fake")));
  EXPECT_EQ(ask("list", "unused"), "200 {\"b.example\":\"bob\"}\n");
}

TEST_F(DockerHandlerTest, StoringOurOwnTokenChangesNothing)
{
  const auto secret = secret_of("minted.example");
  EXPECT_EQ(ask("store", message("minted.example", "AWS", secret)), "200 ");
  EXPECT_TRUE(store.held.empty());
  EXPECT_TRUE(overrides.empty());
  EXPECT_EQ(changes, 0);
}

TEST_F(DockerHandlerTest, AnotherTokenOverridesOursUntilLogout)
{
  EXPECT_EQ(ask("store", message("minted.example", "AWS", "fake-other")), "200 ");
  EXPECT_TRUE(store.held.empty());
  EXPECT_EQ(secret_of("minted.example/repo"), "fake-other");
  EXPECT_EQ(secret_of("minted.elsewhere"), "default-1");
  EXPECT_EQ(ask("erase", "minted.example"), "200 ");
  EXPECT_EQ(secret_of("minted.example"), "default-2");
}

TEST_F(DockerHandlerTest, WhatOneIdentityBroughtIsForNoOther)
{
  EXPECT_EQ(ask("store", message("minted.example", "AWS", "fake-of-default")), "200 ");
  variables = std::string("AWS_PROFILE=other\0", 18);
  EXPECT_EQ(secret_of("minted.example"), "other-1");
  EXPECT_EQ(ask("store", message("minted.example", "AWS", "fake-of-other")), "200 ");
  EXPECT_EQ(secret_of("minted.example"), "fake-of-other");
  EXPECT_EQ(ask("erase", "minted.example"), "200 ");
  EXPECT_EQ(secret_of("minted.example"), "other-2");
  variables.clear();
  EXPECT_EQ(secret_of("minted.example"), "fake-of-default");
}

TEST_F(DockerHandlerTest, WhoHasNoSourceIsGivenWhatSomebodyBrought)
{
  EXPECT_EQ(ask("store", message("minted.example", "AWS", "fake-first")), "200 ");
  provider.resolve_trouble = Error(Errc::not_configured, "no keys");
  EXPECT_EQ(secret_of("minted.example"), "fake-first");
  EXPECT_EQ(ask("store", message("minted.example", "AWS", "fake-second")), "200 ");
  EXPECT_EQ(secret_of("minted.example"), "fake-second");
  provider.resolve_trouble.reset();
  EXPECT_EQ(secret_of("minted.example"), "fake-first");
  provider.resolve_trouble = Error(Errc::not_configured, "no keys");
  EXPECT_EQ(ask("erase", "minted.example"), "200 ");
  EXPECT_TRUE(ask("get", "minted.example").find("no keys") != std::string::npos);
}

TEST_F(DockerHandlerTest, EraseOfAMintedRegistryForcesANewToken)
{
  EXPECT_EQ(secret_of("minted.example"), "default-1");
  EXPECT_EQ(ask("erase", "minted.example"), "200 ");
  EXPECT_EQ(secret_of("minted.example"), "default-2");
  provider.resolve_trouble = Error(Errc::misconfigured, "broken");
  EXPECT_EQ(ask("erase", "minted.example"), "200 ");
}

TEST_F(DockerHandlerTest, ARuleDecidesBeforeTheBuiltInTable)
{
  LoadedConfig loaded;
  loaded.origin = LoadedConfig::Origin::file;
  Rule ours;
  ours.match = "minted.example";
  ours.provider = "store";
  loaded.config.registries.push_back(ours);
  settings.replace(std::move(loaded));
  EXPECT_EQ(ask("get", "minted.example"), k_not_found);
  EXPECT_EQ(provider.fetches, 0);
}

TEST_F(DockerHandlerTest, WhoWantsMoreLifeThanIsLeftGetsANewToken)
{
  LoadedConfig loaded;
  loaded.origin = LoadedConfig::Origin::file;
  loaded.config.min_remaining = std::chrono::hours(8);
  Rule rule;
  rule.match = "minted.rule";
  rule.provider = "ecr";
  rule.registry = "123456789012.dkr.ecr.us-east-1.amazonaws.com";
  rule.min_remaining = std::chrono::hours(1);
  rule.profile = "ruled";
  loaded.config.registries.push_back(rule);
  settings.replace(std::move(loaded));
  EXPECT_EQ(secret_of("minted.file"), "default-1");
  EXPECT_EQ(secret_of("minted.rule"), "ruled-2");
  clock.advance(5h);
  EXPECT_EQ(secret_of("minted.file"), "default-3");
  EXPECT_EQ(secret_of("minted.rule"), "ruled-2");
}

TEST_F(DockerHandlerTest, AConfigurationThatWasNeverRightMintsNothing)
{
  LoadedConfig loaded;
  loaded.origin = LoadedConfig::Origin::none;
  loaded.error = "config.json: line 3";
  settings.replace(std::move(loaded));
  EXPECT_EQ(ask("get", "minted.example"), "502 purser: minted.example: config.json: line 3\n");
  EXPECT_EQ(ask("get", "ghcr.io"), k_not_found);
}

TEST_F(DockerHandlerTest, WhatIsNoRegistryIsSaid)
{
  EXPECT_TRUE(ask("get", "user@r.example").starts_with("400 purser: "));
  EXPECT_TRUE(ask("get", "r.example\nminted.example").starts_with("400 purser: "));
}

TEST_F(DockerHandlerTest, TheAuditSaysWhoAnsweredAndHoldsNoSecret)
{
  variables = std::string("AWS_PROFILE=dev\0", 16);
  ask("get", "minted.example");
  ask("get", "ghcr.io");
  ASSERT_EQ(audit.events().size(), 2U);
  EXPECT_EQ(audit.events()[0].provider, "ecr");
  EXPECT_EQ(audit.events()[0].source, "profile dev");
  EXPECT_EQ(audit.events()[0].outcome, "ok");
  EXPECT_EQ(audit.events()[1].provider, "");
  EXPECT_EQ(audit.events()[1].outcome, "not_configured");
}

TEST_F(DockerHandlerTest, NamespacesAreIslands)
{
  store.held.insert_or_assign({"", "r.example"}, Credential("ann", Secret("fake-of-nobody")));
  variables = std::string("PURSER_NAMESPACE=job-1\0", 23);
  EXPECT_EQ(ask("get", "r.example"), k_not_found);
  EXPECT_EQ(ask("store", message("r.example", "ci", "fake-of-the-job")), "200 ");
  EXPECT_EQ(secret_of("r.example"), "fake-of-the-job");
  EXPECT_EQ(secret_of("r.example/team"), "fake-of-the-job");
  EXPECT_EQ(ask("erase", "r.example"), "200 ");
  EXPECT_EQ(ask("get", "r.example"), k_not_found);
  variables.clear();
  EXPECT_EQ(secret_of("r.example"), "fake-of-nobody");
}

TEST_F(DockerHandlerTest, OverridesOfANamespaceAreItsOwn)
{
  variables = std::string("PURSER_NAMESPACE=job-1\0", 23);
  EXPECT_EQ(ask("store", message("minted.example", "AWS", "fake-of-the-job")), "200 ");
  EXPECT_EQ(secret_of("minted.example"), "fake-of-the-job");
  variables.clear();
  EXPECT_EQ(secret_of("minted.example"), "default-1");
  EXPECT_EQ(ask("erase", "minted.example"), "200 ");
  variables = std::string("PURSER_NAMESPACE=job-1\0", 23);
  EXPECT_EQ(secret_of("minted.example"), "fake-of-the-job");
}

TEST_F(DockerHandlerTest, ANameThatIsNoneIsNeverTheUsersOwn)
{
  store.held.insert_or_assign({"", "r.example"}, Credential("ann", Secret("fake-of-nobody")));
  for (const std::string name : {"", " ", "a/b", "../a"}) {
    variables = "PURSER_NAMESPACE=" + name + '\0';
    for (const auto* verb : {"get", "erase", "list"}) {
      const auto answer = ask(verb, "r.example");
      EXPECT_TRUE(answer.starts_with("400 ") && answer.find("PURSER_NAMESPACE") != answer.npos)
          << verb << " in '" << name << "': " << answer;
    }
  }
  variables.clear();
  EXPECT_EQ(secret_of("r.example"), "fake-of-nobody");
}

} // namespace
} // namespace purser::test
