#include "daemon/server/kubelet_handler.hpp"
#include "tests/unit/server/service_fixture.hpp"

#include <gmock/gmock.h>

namespace purser::test {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;
using testing::HasSubstr;

constexpr const char* k_version = "credentialprovider.kubelet.k8s.io/v1";

struct KubeletHandlerTest : ServiceFixture {
  KubeletHandler handler{clock, credentials, audit, []() -> asio::awaitable<void> { co_return; }};
  std::string variables;

  ServerResponse provide(std::string_view image, const Json& more = Json::object())
  {
    Json request{
        {"kind", "CredentialProviderRequest"}, {"apiVersion", k_version}, {"image", image}};
    request.update(more);
    return ask(handler, "POST", "/v1/kubelet/get", variables + '\0' + request.dump() + "\n");
  }
  Json answered(std::string_view image, const Json& more = Json::object())
  {
    const auto answer = provide(image, more);
    EXPECT_EQ(answer.status, 200U) << text_of(answer);
    EXPECT_FALSE(answer.for_standard_error);
    auto json = Json::parse(text_of(answer));
    EXPECT_EQ(json.at("kind"), "CredentialProviderResponse");
    EXPECT_EQ(json.at("apiVersion"), k_version);
    return json;
  }
  std::string refused(std::string_view image, const Json& more = Json::object())
  {
    const auto answer = provide(image, more);
    EXPECT_NE(answer.status, 200U);
    EXPECT_TRUE(answer.for_standard_error);
    return text_of(answer);
  }
  void keep(std::string_view registry, std::string username)
  {
    store.held.insert_or_assign(MapStore::Key("", std::string(registry)),
                                Credential(std::move(username), Secret("fake-password")));
  }
  static Rule rule_for(std::string match)
  {
    Rule rule;
    rule.match = std::move(match);
    rule.provider = "ecr";
    rule.registry = "123456789012.dkr.ecr.us-east-1.amazonaws.com";
    return rule;
  }
  void configure(std::vector<Rule> rules)
  {
    LoadedConfig loaded;
    loaded.config.registries = std::move(rules);
    settings.replace(std::move(loaded));
  }
  // A rule that shows the account's token.
  void configure_accounts(std::string variable = "PURSER_SERVICE_ACCOUNT_TOKEN")
  {
    Rule rule = rule_for("minted.example");
    rule.role_arn = "arn:aws:iam::123456789012:role/pull";
    rule.web_identity = WebIdentityRule(WebIdentityRule::From::variable, std::move(variable));
    configure({std::move(rule)});
  }
};

const Json k_account{{"serviceAccountToken", "a.b.c"}};

TEST_F(KubeletHandlerTest, ATokenIsForTheRegistryAndForHalfOfItsLife)
{
  const auto answer = answered("minted.example/team/app");
  EXPECT_EQ(answer.at("cacheKeyType"), "Registry");
  EXPECT_EQ(answer.at("cacheDuration"), "5h59m59s");
  EXPECT_EQ(answer.at("auth"),
            Json({{"minted.example", {{"username", "AWS"}, {"password", "default-1"}}}}));
  clock.advance(2h);
  EXPECT_EQ(answered("minted.example/other").at("cacheDuration"), "4h59m59s");
  EXPECT_EQ(provider.fetches, 1);
}

TEST_F(KubeletHandlerTest, ATokenThatARuleForARepositoryMayReplaceIsForTheImage)
{
  configure({rule_for("minted.example"), rule_for("minted.example/team-a/*")});
  EXPECT_EQ(answered("minted.example/other/app").at("cacheKeyType"), "Image");
  EXPECT_EQ(answered("minted.example/team-a/app").at("cacheKeyType"), "Image");
  configure({rule_for("minted.example"), rule_for("minted2.example/team-a/*")});
  EXPECT_EQ(answered("minted.example/other/app").at("cacheKeyType"), "Registry");
}

TEST_F(KubeletHandlerTest, AStoredCredentialIsKeptShortlyAndForTheImage)
{
  keep("r.example:5000", "ann");
  const auto answer = answered("r.example:5000/app");
  EXPECT_EQ(answer.at("cacheKeyType"), "Image");
  EXPECT_EQ(answer.at("cacheDuration"), "1m0s");
  EXPECT_EQ(answer.at("auth").at("r.example:5000").at("username"), "ann");
}

TEST_F(KubeletHandlerTest, WithoutACredentialNothingIsKept)
{
  const auto answer = answered("other.example/app");
  EXPECT_EQ(answer.at("auth"), Json::object());
  EXPECT_EQ(answer.at("cacheDuration"), "0s");
  EXPECT_EQ(audit.events().back().outcome, "not_configured");
  EXPECT_EQ(audit.events().back().verb, "kubelet-get");
}

TEST_F(KubeletHandlerTest, AnIdentityTokenIsAnError)
{
  keep("r.example", "<token>");
  EXPECT_THAT(refused("r.example/app"), HasSubstr("identity token"));
}

TEST_F(KubeletHandlerTest, AFailureIsOneLine)
{
  provider.fetch_trouble = Error(Errc::forbidden, "scripted refusal");
  EXPECT_EQ(refused("minted.example/app"), "purser: minted.example/app: scripted refusal\n");
  EXPECT_THAT(refused("minted.example\r\n/app"), HasSubstr("purser: request: "));
}

TEST_F(KubeletHandlerTest, AnAccountIsNotGivenWhatIsTheNodes)
{
  EXPECT_THAT(refused("minted.example/app", k_account), HasSubstr("service account"));
  EXPECT_THAT(refused("minted.example/app", {{"serviceAccountAnnotations", Json::object()}}),
              HasSubstr("service account"));
  EXPECT_EQ(provider.fetches, 0);
  keep("r.example", "ann");
  EXPECT_THAT(refused("r.example/app", k_account), HasSubstr("service account"));
  EXPECT_EQ(answered("other.example/app", k_account).at("auth"), Json::object());
}

TEST_F(KubeletHandlerTest, AnAccountIsNotGivenWhatSomebodyLoggedInWith)
{
  configure_accounts();
  const Credential person("ann", Secret("fake-password"));
  ASSERT_TRUE(overrides.put("minted.example", person));
  ASSERT_TRUE(overrides.put(Overrides::bound("minted.example", Identity("default")), person));
  EXPECT_EQ(
      answered("minted.example/app", k_account).at("auth").at("minted.example").at("username"),
      "AWS");
}

TEST_F(KubeletHandlerTest, AnAccountsTokenIsForRulesThatNameIt)
{
  configure_accounts();
  EXPECT_EQ(answered("minted.example/app", k_account).at("auth").size(), 1U);
  configure_accounts("AWS_OTHER_TOKEN");
  EXPECT_THAT(refused("minted.example/app", k_account), HasSubstr("service account"));
}

// A provider whose identity is the account's token.
struct AccountProvider final : TokenProvider {
  explicit AccountProvider(Clock& c) : clock(c) {}
  boost::asio::awaitable<Result<Resolved>>
  resolve(Rule, RegistryKey, std::shared_ptr<const Asker> asker) override
  {
    const auto token = asker->env.get("PURSER_SERVICE_ACCOUNT_TOKEN").value_or("nobody");
    co_return Resolved(Identity(std::string(token)), "account");
  }
  boost::asio::awaitable<Result<Token>> fetch(Identity identity) override
  {
    co_return Token("AWS", Secret(identity.digest), clock.now(), 12h);
  }
  Clock& clock;
};

TEST_F(KubeletHandlerTest, TheTokenIsTheAccountsAndNeverTheKubeletsOwn)
{
  configure_accounts();
  AccountProvider by_account(clock);
  ProviderTable table({ProviderSpec{"ecr", [](const RegistryKey&) { return false; },
                                    [](const RegistryKey&) { return false; }, &by_account}});
  CredentialService service(clock, settings, table, tokens, overrides, store, [] {});
  KubeletHandler accounts(clock, service, audit, []() -> asio::awaitable<void> { co_return; });
  const auto password = [&](const Json& more) {
    Json request{{"kind", "CredentialProviderRequest"},
                 {"apiVersion", k_version},
                 {"image", "minted.example/app"}};
    request.update(more);
    const auto answer = ask(accounts, "POST", "/v1/kubelet/get",
                            "PURSER_SERVICE_ACCOUNT_TOKEN=kubelets\0\0"s + request.dump());
    return Json::parse(text_of(answer)).at("auth").at("minted.example").at("password");
  };
  EXPECT_EQ(password({{"serviceAccountToken", "one"}}), "one");
  EXPECT_EQ(password({{"serviceAccountToken", "two"}}), "two");
  EXPECT_EQ(password({{"serviceAccountToken", "one"}}), "one");
  EXPECT_EQ(password(Json::object()), "nobody");
}

} // namespace
} // namespace purser::test
