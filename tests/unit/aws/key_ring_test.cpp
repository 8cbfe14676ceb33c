#include "daemon/programs/broker_process.hpp"
#include "daemon/providers/aws/aws_sources.hpp"
#include "daemon/providers/aws/keys/key_ring.hpp"
#include "daemon/providers/aws/keys/login_token.hpp"
#include "tests/support/civil_time.hpp"
#include "tests/support/ec_key.hpp"
#include "tests/support/jwt.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/scripted_http.hpp"
#include "tests/support/temporary_folder.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <sys/stat.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <deque>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace purser::aws {
namespace {
namespace asio = boost::asio;
using namespace std::chrono_literals;
using test::jwt;
using testing::HasSubstr;
using testing::Not;
using From = WebIdentityRule::From;

using Outcome = std::optional<Result<AwsKeys>>;

constexpr std::string_view k_files = R"(
[profile base]
aws_access_key_id = AKIABASE
aws_secret_access_key = fake-base-secret
[profile app]
role_arn = arn:aws:iam::123456789012:role/app
source_profile = base
[profile partner]
role_arn = arn:aws:iam::123456789012:role/app
source_profile = base
external_id = 42
[profile chained]
role_arn = arn:aws:iam::123456789012:role/chained
source_profile = app
role_session_name = me
duration_seconds = 7200
)";
constexpr std::string_view k_container =
    "AWS_CONTAINER_CREDENTIALS_FULL_URI=http://127.0.0.1:8080/creds";
constexpr std::string_view k_instance = "AWS_EC2_METADATA_SERVICE_ENDPOINT=http://127.0.0.1:1338";

std::string iso(WallTime wall)
{
  return test::formatted(wall, "%Y-%m-%dT%H:%M:%SZ");
}

std::string sts_error(std::string_view code)
{
  return "<ErrorResponse><Error><Code>" + std::string(code) +
         "</Code><Message>body-of-the-answer</Message></Error></ErrorResponse>";
}

void rethrow(std::exception_ptr bug)
{
  if (bug) std::rethrow_exception(bug);
}

std::string shown(const Result<AwsKeys>& keys)
{
  if (keys) return keys->access_key_id;
  return std::string(to_string(keys.error().code)) + ": " + keys.error().what;
}

struct KeyRingTest : testing::Test {
  KeyRingTest() { put_file(folder / "config", k_files); }

  // What the other side will answer

  // `id` by STS, with so much life left by its clock, which is `ahead` of ours.
  void sts_answer(std::string_view id, Duration life = 1h, Duration ahead = 0s)
  {
    const WallTime theirs = clock.wall() + ahead;
    http.answer(200,
                "<R><S><Credentials><AccessKeyId>" + std::string(id) +
                    "</AccessKeyId><SecretAccessKey>fake-role-secret</SecretAccessKey>"
                    "<SessionToken>fake-session</SessionToken><Expiration>" +
                    iso(theirs + life) + "</Expiration></Credentials></S></R>",
                {{"Date", test::formatted(theirs, "%a, %d %b %Y %H:%M:%S GMT")}});
  }
  void metadata_answer(std::string_view id, std::optional<Duration> life = std::nullopt)
  {
    http.answer(200, R"({"AccessKeyId":")" + std::string(id) +
                         R"(","SecretAccessKey":"fake","Token":"fake-session")" +
                         (life ? R"(,"Expiration":")" + iso(clock.wall() + *life) + "\"}" : "}"));
  }

  // All three steps of an instance.
  void instance_answer(std::string_view id, Duration life = 6h)
  {
    http.answer(200, "fake-imds-token");
    http.answer(200, "app-role");
    metadata_answer(id, life);
  }
  void instance_is_silent() { http.fail(Errc::timeout, "127.0.0.1:1338 does not answer"); }

  // Asking

  AwsSourcePtr source(const std::string& variables, std::optional<WebIdentityRule> rule = {})
  {
    std::string entries =
        "AWS_CONFIG_FILE=" + (folder / "config") + ";HOME=" + (folder / "") + ";" + variables;
    std::replace(entries.begin(), entries.end(), ';', '\0');
    const auto asker = std::make_shared<const Asker>(Environment(entries), "/", local);
    std::optional<Result<AwsSourcePtr>> found;
    asio::co_spawn(io, resolve(asker, std::move(rule), found), rethrow);
    settle(found);
    if (found && *found) return **found;
    ADD_FAILURE() << (found ? found->error().what : "nothing came");
    return nullptr;
  }
  AwsSourcePtr profile(const std::string& name) { return source("AWS_PROFILE=" + name); }

  void start(AwsSourcePtr source, Outcome& outcome, Egress egress = {})
  {
    asio::co_spawn(io, ask(std::move(source), std::move(egress), outcome), rethrow);
  }
  // Waits for threads, and never for the clock.
  template <class T>
  void settle(const std::optional<T>& outcome)
  {
    io.restart();
    while (!outcome && io.run_one_for(10s) != 0) {}
  }
  // The key id or the error.
  std::string get(const AwsSourcePtr& source, Egress egress = {})
  {
    Outcome outcome;
    start(source, outcome, std::move(egress));
    settle(outcome);
    return outcome ? shown(*outcome) : "nothing came";
  }

  // What was asked

  std::string header(std::size_t n, std::string_view name) const
  {
    for (const auto& header : http.requests.at(n).headers)
      if (header.name == name) return header.value;
    return {};
  }
  // The key that the n-th request was signed with.
  std::string signed_by(std::size_t n) const
  {
    const auto text = header(n, "Authorization");
    const auto begin = text.find("Credential=");
    if (begin == std::string::npos) return "nobody";
    return text.substr(begin + 11, text.find('/') - begin - 11);
  }

  bool local = true; // whether the asker shares our files
  const TemporaryFolder folder;
  asio::io_context io;
  test::ManualClock clock{io};
  test::ScriptedHttp http;
  WorkerPool files{io.get_executor(), "files", 2};
  ProgramBroker programs{io.get_executor(), clock, start_broker().value()};
  const SealingKey key = SealingKey::random();
  AwsSources sources{io.get_executor(), clock, files, key};
  SignedClient signed_http{clock, http};
  KeyRing ring{io.get_executor(), clock, http, signed_http, files, programs, key,
               [] { return 0.0; }};

private:
  asio::awaitable<void> resolve(std::shared_ptr<const Asker> asker,
                                std::optional<WebIdentityRule> rule,
                                std::optional<Result<AwsSourcePtr>>& found)
  {
    AwsSources::Question question(Standpoint::of_asker(asker, std::nullopt), std::nullopt,
                                  "us-east-1", false);
    if (rule) question.role = RoleRequest{"arn:aws:iam::123456789012:role/ci", "", "", 3600s};
    question.web_identity = std::move(rule);
    found.emplace(co_await sources.resolve(std::move(question)));
  }
  asio::awaitable<void> ask(AwsSourcePtr source, Egress egress, Outcome& outcome)
  {
    outcome.emplace(co_await ring.get(std::move(source), std::move(egress)));
  }
};

// Programs

TEST_F(KeyRingTest, AProgramIsRunOnceForAllWhoAsk)
{
  const auto script = folder / "mint";
  const auto count = folder / "count";
  put_file(script, "#!/bin/sh\necho >>" + count +
                       "\necho '{\"Version\":1,\"AccessKeyId\":\"ASIATOOL\","
                       "\"SecretAccessKey\":\"fake\",\"SessionToken\":\"fake-session\"}'\n");
  ASSERT_EQ(::chmod(script.c_str(), 0700), 0);
  put_file(folder / "config", "[profile tool]\ncredential_process = " + script + "\n");
  const auto tool = profile("tool");
  std::deque<Outcome> outcomes(20);
  for (auto& outcome : outcomes)
    start(tool, outcome);
  for (const auto& outcome : outcomes)
    settle(outcome);
  for (const auto& outcome : outcomes)
    ASSERT_EQ(shown(*outcome), "ASIATOOL");
  EXPECT_EQ(std::filesystem::file_size(count), 1U);
  clock.advance(9h);
  EXPECT_EQ(get(tool), "ASIATOOL"); // they have no end, and are renewed as if they lived a day
  EXPECT_EQ(std::filesystem::file_size(count), 1U);
  ring.forget(tool, Egress{}, "ASIATOOL"); // AWS refused them
  EXPECT_EQ(get(tool), "ASIATOOL");
  EXPECT_EQ(std::filesystem::file_size(count), 2U);
}

TEST(ProcessKeys, AreWhatTheProgramWrote)
{
  const auto issued = parse_process_keys(
      R"({"Version":1,"AccessKeyId":"ASIA","SecretAccessKey":"fake","SessionToken":"fake-session",)"
      R"("Expiration":"2026-08-20T10:00:00Z","AccountId":"123456789012"})");
  ASSERT_TRUE(issued);
  EXPECT_EQ(issued->keys.access_key_id, "ASIA");
  EXPECT_EQ(issued->keys.session_token.reveal(), "fake-session");
  ASSERT_TRUE(issued->expires_at);
  EXPECT_EQ(iso(*issued->expires_at), "2026-08-20T10:00:00Z");
}

TEST(ProcessKeys, OfAnotherFormAreErrorsThatQuoteNothing)
{
  for (const std::string_view output :
       {"", "fake-secret", "[]", "{}", R"({"Version":2,"AccessKeyId":"A","SecretAccessKey":"s"})",
        R"({"Version":"1","AccessKeyId":"A","SecretAccessKey":"s"})",
        R"({"Version":1,"AccessKeyId":"A"})", R"({"Version":1,"SecretAccessKey":"fake-secret"})",
        R"({"Version":1,"AccessKeyId":"A","SecretAccessKey":"fake-secret","Expiration":"soon"})",
        R"({"Version":1,"AccessKeyId":"A","SecretAccessKey":"fake-secret"} x)"}) {
    const auto issued = parse_process_keys(output);
    ASSERT_FALSE(issued) << output;
    EXPECT_EQ(issued.error().code, Errc::protocol_error) << output;
    EXPECT_THAT(issued.error().what, Not(HasSubstr("fake-secret")));
  }
}

// Roles

TEST_F(KeyRingTest, AskersOfKeysThatAreThereAskNobody)
{
  EXPECT_EQ(get(profile("base")), "AKIABASE");
  EXPECT_TRUE(http.requests.empty());
}

TEST_F(KeyRingTest, ARoleIsAskedForWithTheKeysOfItsBase)
{
  sts_answer("ASIAAPP");
  EXPECT_EQ(get(profile("app")), "ASIAAPP");
  ASSERT_EQ(http.requests.size(), 1U);
  EXPECT_EQ(http.requests[0].url, "https://sts.us-east-1.amazonaws.com/");
  EXPECT_EQ(signed_by(0), "AKIABASE");
  EXPECT_THAT(http.requests[0].body,
              HasSubstr("Action=AssumeRole&Version=2011-06-15"
                        "&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fapp"
                        "&RoleSessionName=purser-"));
}

TEST_F(KeyRingTest, OneQuestionAnswersAllWhoAsk)
{
  const auto app = profile("app");
  sts_answer("ASIAAPP");
  std::deque<Outcome> outcomes(500);
  for (auto& outcome : outcomes)
    start(app, outcome);
  clock.run();
  for (const auto& outcome : outcomes) {
    ASSERT_TRUE(outcome);
    ASSERT_EQ(shown(*outcome), "ASIAAPP");
    ASSERT_EQ((**outcome).secret.reveal(), "fake-role-secret");
    ASSERT_EQ((**outcome).session_token.reveal(), "fake-session");
  }
  EXPECT_EQ(http.requests.size(), 1U);
}

TEST_F(KeyRingTest, KeysAreKeptAndAskedForAgainAfterTheirEnd)
{
  const auto app = profile("app");
  sts_answer("ASIAFIRST");
  EXPECT_EQ(get(app), "ASIAFIRST");
  clock.advance(20min);
  EXPECT_EQ(get(app), "ASIAFIRST");
  EXPECT_EQ(http.requests.size(), 1U);
  clock.advance(41min);
  sts_answer("ASIASECOND");
  EXPECT_EQ(get(app), "ASIASECOND");
  EXPECT_EQ(http.requests.size(), 2U);
}

TEST_F(KeyRingTest, KeysInUseAreRenewedAheadOfTheirEnd)
{
  asio::co_spawn(io, ring.tend(), rethrow);
  const auto app = profile("app");
  sts_answer("ASIAFIRST");
  EXPECT_EQ(get(app), "ASIAFIRST");
  sts_answer("ASIASECOND", 90min);
  clock.advance(25min); // two fifths of their life: due
  EXPECT_EQ(http.requests.size(), 2U);
  EXPECT_EQ(get(app), "ASIASECOND");
  EXPECT_EQ(http.requests.size(), 2U);
}

TEST_F(KeyRingTest, AnEndIsByTheClockOfTheIssuer)
{
  const auto app = profile("app");
  sts_answer("ASIAFIRST", 1h, -2h);
  EXPECT_EQ(get(app), "ASIAFIRST");
  clock.advance(20min);
  EXPECT_EQ(get(app), "ASIAFIRST");
  EXPECT_EQ(http.requests.size(), 1U);
}

TEST_F(KeyRingTest, KeysThatHaveExpiredAlreadyAreAnError)
{
  sts_answer("ASIALATE", -1s);
  EXPECT_THAT(get(profile("app")),
              HasSubstr("protocol_error: sts.us-east-1.amazonaws.com: gave keys that have expired "
                        "already"));
  metadata_answer("ASIALATE", 0s);
  EXPECT_THAT(get(source(k_container.data())), HasSubstr("have expired already"));
  EXPECT_EQ(http.requests.size(), 2U); // it is no use to try again
}

TEST_F(KeyRingTest, KeysOfASourceThatNobodyHoldsAreDropped)
{
  auto app = profile("app");
  sts_answer("ASIAFIRST");
  EXPECT_EQ(get(app), "ASIAFIRST");
  ring.forget_orphans();
  EXPECT_EQ(get(app), "ASIAFIRST");
  EXPECT_EQ(http.requests.size(), 1U);

  const std::weak_ptr<const AwsSource> last = app;
  app.reset();
  clock.advance(10s); // what is kept for others who ask the same
  sources.forget_old();
  EXPECT_TRUE(last.expired());
  ring.forget_orphans();
  sts_answer("ASIASECOND");
  EXPECT_EQ(get(profile("app")), "ASIASECOND");
}

TEST_F(KeyRingTest, KeysThatCameAfterTheRefusedOnesStay)
{
  const auto app = profile("app");
  sts_answer("ASIASECOND");
  EXPECT_EQ(get(app), "ASIASECOND");
  ring.forget(app, Egress{}, "ASIAFIRST");
  EXPECT_EQ(get(app), "ASIASECOND");
  EXPECT_EQ(http.requests.size(), 1U);
}

TEST_F(KeyRingTest, WhatWasForgottenIsAskedForAgain)
{
  const auto app = profile("app");
  sts_answer("ASIAFIRST");
  EXPECT_EQ(get(app), "ASIAFIRST");
  ring.forget(app, Egress{}, "ASIAFIRST");
  sts_answer("ASIASECOND");
  EXPECT_EQ(get(app), "ASIASECOND");
  EXPECT_EQ(http.requests.size(), 2U);
}

TEST_F(KeyRingTest, AChainOfRolesIsWalkedFromItsBase)
{
  const auto chained = profile("chained");
  sts_answer("ASIAAPP");
  sts_answer("ASIACHAINED");
  EXPECT_EQ(get(chained), "ASIACHAINED");
  ASSERT_EQ(http.requests.size(), 2U);
  EXPECT_THAT(http.requests[0].body, HasSubstr("role%2Fapp"));
  EXPECT_EQ(signed_by(0), "AKIABASE");
  EXPECT_THAT(http.requests[1].body,
              HasSubstr("role%2Fchained&RoleSessionName=me&DurationSeconds=3600"));
  EXPECT_EQ(signed_by(1), "ASIAAPP");

  EXPECT_EQ(get(profile("app")), "ASIAAPP"); // the base is kept as well
  EXPECT_EQ(http.requests.size(), 2U);
}

TEST_F(KeyRingTest, ABaseThatStsRefusesIsForgotten)
{
  const auto chained = profile("chained");
  sts_answer("ASIAAPP");
  http.answer(403, sts_error("ExpiredToken"));
  EXPECT_THAT(get(chained), HasSubstr("expired_source: sts.us-east-1.amazonaws.com: the session of "
                                      "profile \"app\" has expired (ExpiredToken)"));
  clock.advance(10s);
  sts_answer("ASIANEWER");
  sts_answer("ASIACHAINED");
  EXPECT_EQ(get(chained), "ASIACHAINED");
  EXPECT_EQ(signed_by(3), "ASIANEWER");
}

TEST_F(KeyRingTest, EveryWayOutAndExternalIdIsItsOwnQuestion)
{
  const auto app = profile("app");
  Egress proxy;
  proxy.https_proxy = "http://proxy.example:3128";
  Egress authority;
  authority.ca_file = "/etc/ca.pem";
  sts_answer("ASIAFIRST");
  sts_answer("ASIAPROXY");
  sts_answer("ASIACA");
  sts_answer("ASIAPARTNER");
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(get(app), "ASIAFIRST");
    EXPECT_EQ(get(app, proxy), "ASIAPROXY");
    EXPECT_EQ(get(app, authority), "ASIACA");
    EXPECT_EQ(get(profile("partner")), "ASIAPARTNER");
  }
  ASSERT_EQ(http.requests.size(), 4U);
  EXPECT_EQ(http.requests[1].egress.https_proxy, "http://proxy.example:3128");
  EXPECT_EQ(http.requests[2].egress.ca_file, "/etc/ca.pem");
  EXPECT_THAT(http.requests[0].body, Not(HasSubstr("ExternalId")));
  EXPECT_THAT(http.requests[3].body, HasSubstr("&ExternalId=42"));
}

TEST_F(KeyRingTest, ForgettingIsOfOneWayOut)
{
  const auto app = profile("app");
  Egress proxy;
  proxy.https_proxy = "http://proxy.example:3128";
  sts_answer("ASIAFIRST");
  EXPECT_EQ(get(app), "ASIAFIRST");
  ring.forget(app, proxy, "ASIAFIRST");
  EXPECT_EQ(get(app), "ASIAFIRST");
  EXPECT_EQ(http.requests.size(), 1U);
}

// Failures

TEST_F(KeyRingTest, ARequestedWaitIsKept)
{
  const auto app = profile("app");
  http.answer(503, sts_error("Throttling"), {{"Retry-After", "1"}});
  sts_answer("ASIAAPP");
  Outcome outcome;
  start(app, outcome);
  clock.advance(999ms);
  EXPECT_EQ(http.requests.size(), 1U);
  EXPECT_FALSE(outcome);
  clock.advance(1ms);
  EXPECT_EQ(http.requests.size(), 2U);
  ASSERT_TRUE(outcome);
  EXPECT_EQ(shown(*outcome), "ASIAAPP");
}

TEST_F(KeyRingTest, AWaitThatNobodyHasIsAnError)
{
  http.answer(503, sts_error("Throttling"), {{"Retry-After", "60"}});
  EXPECT_THAT(get(profile("app")), HasSubstr("throttled: sts.us-east-1.amazonaws.com"));
  EXPECT_EQ(http.requests.size(), 1U);
}

TEST_F(KeyRingTest, WhatMayPassIsTriedThrice)
{
  for (int i = 0; i < 4; ++i)
    http.answer(500, "");
  EXPECT_THAT(get(profile("app")), HasSubstr("transient: sts.us-east-1.amazonaws.com"));
  EXPECT_EQ(http.requests.size(), 3U);
}

TEST_F(KeyRingTest, ARefusalNamesTheActionAndTheRole)
{
  http.answer(403, sts_error("AccessDenied"));
  const auto refused = get(profile("app"));
  EXPECT_THAT(refused, HasSubstr("forbidden: sts.us-east-1.amazonaws.com: the access key of "
                                 "profile \"base\" may not do this (AccessDenied): allow "
                                 "sts:AssumeRole on arn:aws:iam::123456789012:role/app"));
  EXPECT_THAT(refused, Not(HasSubstr("body-of-the-answer")));
  EXPECT_EQ(http.requests.size(), 1U);
}

TEST_F(KeyRingTest, WhatIsNotStsIsAnErrorThatNamesTheHost)
{
  http.answer(200, "<html>Log in</html>");
  EXPECT_THAT(get(profile("app")), HasSubstr("protocol_error: sts.us-east-1.amazonaws.com: STS's "
                                             "answer has no credentials"));
}

// Web identities

TEST_F(KeyRingTest, AWebIdentityShowsTheTokenThatIsThereNow)
{
  put_file(folder / "token", "fake-token-1\n");
  const auto pod =
      source("AWS_ROLE_ARN=arn:role/pod;AWS_WEB_IDENTITY_TOKEN_FILE=" + (folder / "token"));
  put_file(folder / "token", "fake-token-2\n");
  sts_answer("ASIAPOD");
  EXPECT_EQ(get(pod), "ASIAPOD");
  ASSERT_EQ(http.requests.size(), 1U);
  EXPECT_THAT(http.requests[0].body, HasSubstr("Action=AssumeRoleWithWebIdentity&"));
  EXPECT_THAT(http.requests[0].body, HasSubstr("&WebIdentityToken=fake-token-2"));
  EXPECT_EQ(signed_by(0), "nobody");

  clock.advance(2h);
  std::filesystem::remove(folder / "token");
  EXPECT_THAT(get(pod), HasSubstr("misconfigured: the token file " + (folder / "token")));
  EXPECT_EQ(http.requests.size(), 1U);
}

// Jobs of GitHub Actions

constexpr std::string_view k_job = "ACTIONS_ID_TOKEN_REQUEST_URL=https://ci.example.test/t?v=2;"
                                   "ACTIONS_ID_TOKEN_REQUEST_TOKEN=fake-request-token";

std::string job_answer(const std::string& token)
{
  return R"({"count":1,"value":")" + token + "\"}";
}

TEST_F(KeyRingTest, AJobGetsANewTokenForEverySession)
{
  asio::co_spawn(io, ring.tend(), rethrow);
  const auto job = source(std::string(k_job), WebIdentityRule(From::actions));
  EXPECT_TRUE(http.requests.empty()) << "a source is found without a question";
  for (const std::string session : {"1", "2"}) {
    const auto token = jwt(R"({"iss":"i","sub":"s","jti":")" + session + "\"}");
    http.answer(200, job_answer(token));
    sts_answer("ASIAJOB" + session);
    EXPECT_EQ(get(job), "ASIAJOB" + session);
    ASSERT_THAT(http.requests.back().body, HasSubstr("&WebIdentityToken=" + token));
    clock.advance(61min);
  }
  EXPECT_EQ(http.requests[0].url, "https://ci.example.test/t?v=2&audience=sts.amazonaws.com");
  EXPECT_EQ(header(0, "Authorization"), "Bearer fake-request-token");
  EXPECT_EQ(header(0, "Accept"), "application/json; api-version=2.0");
  EXPECT_EQ(http.requests[0].max_body, 65536U);
  EXPECT_EQ(header(1, "Authorization"), "") << "the request token is for its endpoint only";
}

TEST_F(KeyRingTest, AnAudienceIsPartOfTheQuery)
{
  WebIdentityRule rule(From::actions);
  rule.audience = "a b&c";
  const auto job = source("ACTIONS_ID_TOKEN_REQUEST_URL=http://localhost:3000/t;"
                          "ACTIONS_ID_TOKEN_REQUEST_TOKEN=fake",
                          rule);
  http.answer(500, "");
  http.answer(500, "");
  http.answer(500, "");
  EXPECT_THAT(get(job), HasSubstr("transient: localhost:3000 (HTTP 500) has a fault"));
  EXPECT_EQ(http.requests.size(), 3U);
  EXPECT_EQ(http.requests[0].url, "http://localhost:3000/t?audience=a%20b%26c");
}

TEST_F(KeyRingTest, EveryJobIsItsOwnIdentity)
{
  const WebIdentityRule rule(From::actions);
  WebIdentityRule other_audience(From::actions);
  other_audience.audience = "other";
  const auto job = source(std::string(k_job), rule)->fingerprint;
  EXPECT_EQ(source(std::string(k_job), rule)->fingerprint, job);
  EXPECT_NE(source(std::string(k_job) + "2", rule)->fingerprint, job) << "another request token";
  EXPECT_NE(source(std::string(k_job), other_audience)->fingerprint, job);
  auto moved = std::string(k_job);
  moved.replace(moved.find("/t?"), 3, "/u?");
  EXPECT_NE(source(moved, rule)->fingerprint, job) << "another URL";
}

TEST_F(KeyRingTest, ARefusalOfAJobSaysWhatToDo)
{
  struct Refusal {
    unsigned status;
    std::string_view body;
    std::string_view expected;
  };
  constexpr std::array k_refusals{
      Refusal{401, "", "rejected: ci.example.test (HTTP 401) does not know the job"},
      Refusal{403, "", "give it \"permissions: id-token: write\""},
      Refusal{302, "", "protocol_error: ci.example.test (HTTP 302) issues no identity tokens"},
      Refusal{200, "<html>body-of-the-answer</html>",
              "protocol_error: ci.example.test: the answer holds no identity token"},
      Refusal{200, R"({"value":"body-of-the-answer"})", "holds no identity token"},
      Refusal{200, R"({"value":1})", "holds no identity token"},
  };
  const auto job = source(std::string(k_job), WebIdentityRule(From::actions));
  for (const auto& refusal : k_refusals) {
    http.requests.clear();
    http.answer(refusal.status, refusal.body);
    const auto said = get(job);
    EXPECT_THAT(said, HasSubstr(refusal.expected));
    EXPECT_THAT(said, Not(HasSubstr("body-of-the-answer")));
    EXPECT_EQ(http.requests.size(), 1U) << refusal.expected;
    ring.forgive(job, Egress{});
  }
  http.answer(429, "", {{"Retry-After", "60"}});
  EXPECT_THAT(get(job), HasSubstr("throttled: ci.example.test (HTTP 429)"));
}

// Tokens that came with the request

std::string sent(std::string_view claims)
{
  return "AWS_ID_TOKEN=" + jwt(claims);
}

TEST_F(KeyRingTest, ATokenOfARequestIsShownUntilItsEnd)
{
  const WebIdentityRule rule(From::variable, "AWS_ID_TOKEN");
  const auto end =
      std::chrono::duration_cast<std::chrono::seconds>((clock.wall() + 90min).time_since_epoch());
  const auto claims = R"({"iss":"i","sub":"s","exp":)" + std::to_string(end.count()) + "}";
  const auto job = source(sent(claims), rule);
  sts_answer("ASIAJOB");
  EXPECT_EQ(get(job), "ASIAJOB");
  EXPECT_THAT(http.requests[0].body, HasSubstr("&WebIdentityToken=" + jwt(claims)));
  clock.advance(91min);
  EXPECT_THAT(get(job), HasSubstr("expired_source: the token in the variable AWS_ID_TOKEN has "
                                  "expired"));
  EXPECT_EQ(http.requests.size(), 1U);
}

TEST_F(KeyRingTest, ANewerTokenOfTheSameIdentityIsShownNext)
{
  asio::co_spawn(io, ring.tend(), rethrow);
  const WebIdentityRule rule(From::variable, "AWS_ID_TOKEN");
  const auto first = source(sent(R"({"iss":"i","sub":"s","aud":"a","jti":"1"})"), rule);
  const auto newer = source(sent(R"({"iss":"i","sub":"s","aud":"a","jti":"2"})"), rule);
  EXPECT_EQ(first->fingerprint, newer->fingerprint);
  EXPECT_NE(first->stamp, newer->stamp);
  sts_answer("ASIAFIRST");
  EXPECT_EQ(get(first), "ASIAFIRST");
  EXPECT_EQ(get(newer), "ASIAFIRST");
  EXPECT_EQ(http.requests.size(), 1U);
  ring.forgive(newer, Egress{}); // as the provider does where it sees another stamp
  sts_answer("ASIASECOND", 90min);
  clock.advance(25min); // two fifths of their life: renewed ahead
  ASSERT_EQ(http.requests.size(), 2U);
  EXPECT_THAT(http.requests[1].body,
              HasSubstr(jwt(R"({"iss":"i","sub":"s","aud":"a","jti":"2"})")));
}

TEST_F(KeyRingTest, WhatATokenSaysOfItselfCountsForWhoSharesOurFilesOnly)
{
  const WebIdentityRule rule(From::variable, "AWS_ID_TOKEN");
  const auto one = sent(R"({"iss":"i","sub":"s","aud":"a","jti":"1"})");
  const auto two = sent(R"({"iss":"i","sub":"s","aud":"a","jti":"2"})");
  const auto other = sent(R"({"iss":"i","sub":"other","aud":"a","jti":"1"})");
  EXPECT_EQ(source(one, rule)->fingerprint, source(two, rule)->fingerprint);
  EXPECT_NE(source(one, rule)->fingerprint, source(other, rule)->fingerprint);
  local = false;
  EXPECT_EQ(source(one, rule)->fingerprint, source(one, rule)->fingerprint);
  EXPECT_NE(source(one, rule)->fingerprint, source(two, rule)->fingerprint);
}

// Sessions of `aws login`

struct LoginSessionTest : KeyRingTest {
  LoginSessionTest()
  {
    put_file(folder / "config", "[profile dev]\nlogin_session = arn:dev\nregion = eu-west-1\n");
  }

  void log_in(std::string_view id, Duration life)
  {
    nlohmann::json content;
    content["accessToken"] = {{"accessKeyId", id},
                              {"secretAccessKey", "fake"},
                              {"sessionToken", "fake-session"},
                              {"expiresAt", iso(clock.wall() + life)}};
    content["clientId"] = "fake-client";
    content["refreshToken"] = "fake-refresh-of-" + std::string(id);
    content["dpopKey"] = pem;
    std::filesystem::create_directories(folder / ".aws/login/cache");
    put_file(folder / (".aws/login/cache/" + login_token_file("arn:dev")), content.dump());
  }
  // As get(); time goes on while it waits for who else may write the session.
  std::string get_in_time(const AwsSourcePtr& source)
  {
    Outcome outcome;
    start(source, outcome);
    for (int i = 0; i < 200 && !outcome; ++i) {
      io.restart();
      io.run_one_for(20ms);
      clock.advance(50ms);
    }
    return outcome ? shown(*outcome) : "nothing came";
  }
  void signin_answer(std::string_view id)
  {
    http.answer(200, R"({"accessToken":{"accessKeyId":")" + std::string(id) +
                         R"(","secretAccessKey":"fake","sessionToken":"fake-session"},)" +
                         R"("expiresIn":900,"refreshToken":"fake-refresh-2"})");
  }

  const std::string pem = test::pem_of(test::new_ec_key());
};

TEST_F(LoginSessionTest, KeysThatLiveLongEnoughAreUsedAsTheyAre)
{
  log_in("ASIALOGIN", 5min + 1s);
  EXPECT_EQ(get(profile("dev")), "ASIALOGIN");
  EXPECT_TRUE(http.requests.empty());
}

TEST_F(LoginSessionTest, KeysAtTheirEndAreRenewedWithAProof)
{
  log_in("ASIALOGIN", 5min);
  signin_answer("ASIARENEWED");
  EXPECT_EQ(get(profile("dev")), "ASIARENEWED");
  ASSERT_EQ(http.requests.size(), 1U);
  EXPECT_EQ(http.requests[0].url, "https://eu-west-1.signin.aws.amazon.com/v1/token");
  EXPECT_EQ(nlohmann::json::parse(http.requests[0].body),
            (nlohmann::json{{"clientId", "fake-client"},
                            {"grantType", "refresh_token"},
                            {"refreshToken", "fake-refresh-of-ASIALOGIN"}}));
  EXPECT_THAT(header(0, "DPoP"), testing::StartsWith("ey"));
  clock.advance(16min);
  signin_answer("ASIAAGAIN");
  EXPECT_EQ(get(profile("dev")), "ASIAAGAIN");
  EXPECT_THAT(http.requests[1].body, HasSubstr("fake-refresh-2")) << "what was written is read";
  EXPECT_NE(header(0, "DPoP"), header(1, "DPoP"));
}

TEST_F(LoginSessionTest, OldKeysAreGoodUntilTheirEnd)
{
  log_in("ASIALOGIN", 1min);
  http.answer(401, R"({"error":"TOKEN_EXPIRED","message":"body-of-the-answer"})");
  EXPECT_EQ(get(profile("dev")), "ASIALOGIN");
  clock.advance(61s);
  http.answer(401, R"({"error":"TOKEN_EXPIRED","message":"body-of-the-answer"})");
  const auto refused = get_in_time(profile("dev"));
  EXPECT_THAT(refused, HasSubstr("interaction_required"));
  EXPECT_THAT(refused, HasSubstr("run: aws login --profile dev"));
  EXPECT_THAT(refused, Not(HasSubstr("body-of-the-answer")));
}

TEST_F(LoginSessionTest, EveryRefusalSaysWhatToDo)
{
  struct Refusal {
    unsigned status;
    std::string_view body;
    std::string_view expected;
  };
  constexpr std::array k_refusals{
      Refusal{403, R"({"error":"USER_CREDENTIALS_CHANGED"})", "interaction_required: the session"},
      Refusal{403, R"({"error":"INSUFFICIENT_PERMISSIONS"})",
              "forbidden: eu-west-1.signin.aws.amazon.com: whoever logged in as profile \"dev\""},
      Refusal{400, R"({"error":"INVALID_REQUEST"})",
              "cannot be renewed (HTTP 400): run: aws login --profile dev"},
      Refusal{429, "", "throttled: eu-west-1.signin.aws.amazon.com"},
      Refusal{500, "", "transient: eu-west-1.signin.aws.amazon.com"},
      Refusal{403, "<html></html>", "protocol_error: eu-west-1.signin.aws.amazon.com: a proxy"},
      Refusal{200, "{}", "protocol_error: the answer of AWS Sign-In has no credentials"},
  };
  log_in("ASIALOGIN", -1s);
  const auto dev = profile("dev");
  for (const auto& refusal : k_refusals) {
    for (int i = 0; i < 3; ++i) // as often as it is tried
      http.answer(refusal.status, refusal.body, {{"Retry-After", "60"}});
    EXPECT_THAT(get_in_time(dev), HasSubstr(refusal.expected));
    EXPECT_GT(http.requests.size(), 0U);
    ring.forgive(dev, Egress{});
    http.drop_answers();
  }
}

// Containers

TEST_F(KeyRingTest, KeysOfAContainerWithoutAnEndAreAskedForHourly)
{
  const auto container = source(k_container.data());
  metadata_answer("ASIAFIRST");
  EXPECT_EQ(get(container), "ASIAFIRST");
  clock.advance(20min);
  EXPECT_EQ(get(container), "ASIAFIRST");
  EXPECT_EQ(http.requests.size(), 1U);
  clock.advance(40min);
  metadata_answer("ASIASECOND");
  EXPECT_EQ(get(container), "ASIASECOND");
  EXPECT_EQ(http.requests.size(), 2U);
}

TEST_F(KeyRingTest, AContainersTokenIsSentAsItIs)
{
  metadata_answer("ASIAFIRST");
  metadata_answer("ASIASECOND");
  metadata_answer("ASIATHIRD");
  EXPECT_EQ(get(source(k_container.data())), "ASIAFIRST");
  EXPECT_EQ(http.requests[0].url, "http://127.0.0.1:8080/creds");
  EXPECT_EQ(header(0, "Authorization"), "");

  const auto with_token =
      std::string(k_container) + ";AWS_CONTAINER_AUTHORIZATION_TOKEN=Basic fake";
  EXPECT_EQ(get(source(with_token)), "ASIASECOND");
  EXPECT_EQ(header(1, "Authorization"), "Basic fake");

  put_file(folder / "pod", "fake-pod-token\n");
  EXPECT_EQ(get(source(with_token + ";AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=" + (folder / "pod"))),
            "ASIATHIRD");
  EXPECT_EQ(header(2, "Authorization"), "fake-pod-token");
}

TEST_F(KeyRingTest, ARefusalOfAContainersEndpointSaysWhatToCheck)
{
  const auto container = source(k_container.data());
  http.answer(403, R"({"code":"AccessDenied","message":"body-of-the-answer"})");
  const auto refused = get(container);
  EXPECT_THAT(refused, HasSubstr("forbidden: 127.0.0.1:8080: the endpoint of the container's "
                                 "credentials refused (AccessDenied): check the role of the task"));
  EXPECT_THAT(refused, Not(HasSubstr("body-of-the-answer")));
  ring.forgive(container, Egress{});
  http.answer(404, "");
  EXPECT_THAT(get(container), HasSubstr("refused (HTTP 404)"));
  EXPECT_EQ(http.requests.size(), 2U);
}

// Instances

TEST_F(KeyRingTest, AnInstanceIsAskedInThreeSteps)
{
  http.answer(200, "fake-imds-token");
  http.answer(200, " app-role \r\nanother-role\n");
  metadata_answer("ASIAEC2", 6h);
  EXPECT_EQ(get(source(k_instance.data())), "ASIAEC2");
  ASSERT_EQ(http.requests.size(), 3U);
  EXPECT_EQ(http.requests[0].method, "PUT");
  EXPECT_EQ(http.requests[0].url, "http://127.0.0.1:1338/latest/api/token");
  EXPECT_EQ(header(0, "X-aws-ec2-metadata-token"), "");
  EXPECT_EQ(http.requests[1].method, "GET");
  EXPECT_EQ(http.requests[1].url,
            "http://127.0.0.1:1338/latest/meta-data/iam/security-credentials/");
  EXPECT_EQ(http.requests[2].url,
            "http://127.0.0.1:1338/latest/meta-data/iam/security-credentials/app-role");
  EXPECT_EQ(header(1, "X-aws-ec2-metadata-token"), "fake-imds-token");
  EXPECT_EQ(header(2, "X-aws-ec2-metadata-token"), "fake-imds-token");
}

TEST_F(KeyRingTest, WhereItsTokenDiedAnInstanceIsAskedOnceMore)
{
  const auto instance = source(k_instance.data());
  http.answer(200, "fake-imds-token-1");
  http.answer(200, "app-role");
  http.answer(401, "");
  http.answer(200, "fake-imds-token-2");
  http.answer(200, "app-role");
  metadata_answer("ASIAEC2", 6h);
  EXPECT_EQ(get(instance), "ASIAEC2");
  ASSERT_EQ(http.requests.size(), 6U);
  EXPECT_EQ(header(5, "X-aws-ec2-metadata-token"), "fake-imds-token-2");

  ring.forget(instance, Egress{}, "ASIAEC2");
  for (int i = 0; i < 2; ++i) {
    http.answer(200, "fake-imds-token");
    http.answer(401, "");
  }
  EXPECT_THAT(get(instance),
              HasSubstr("transient: 127.0.0.1:1338: EC2's metadata service answered HTTP 401"));
  EXPECT_EQ(http.requests.size(), 10U);
}

TEST_F(KeyRingTest, ANameThatNoRoleHasIsNotPutIntoAPath)
{
  const auto instance = source(k_instance.data());
  for (const auto& name :
       {std::string("a/b"), std::string("../../user-data"), std::string("a?b"), std::string("a b"),
        std::string("<html>"), std::string(), std::string("\nrole"), std::string(129, 'a')}) {
    http.requests.clear();
    http.answer(200, "fake-imds-token");
    http.answer(200, name);
    EXPECT_THAT(get(instance), HasSubstr("protocol_error: 127.0.0.1:1338: EC2's metadata service "
                                         "names no role that IAM could have"))
        << name;
    EXPECT_EQ(http.requests.size(), 2U) << name;
    ring.forgive(instance, Egress{});
  }
}

TEST_F(KeyRingTest, EveryRefusalOfAnInstanceSaysWhatToDo)
{
  struct Refusal {
    int step;
    unsigned status;
    std::string_view expected;
  };
  constexpr std::array k_refusals{
      Refusal{0, 403, "forbidden: 127.0.0.1:1338: EC2's metadata are switched off for this"},
      Refusal{0, 404, "misconfigured: 127.0.0.1:1338: EC2's metadata service has no version 2"},
      Refusal{0, 400, "protocol_error: 127.0.0.1:1338: EC2's metadata service answered HTTP 400"},
      Refusal{0, 503, "transient: 127.0.0.1:1338: EC2's metadata service answered HTTP 503"},
      Refusal{1, 403, "forbidden: 127.0.0.1:1338: EC2's metadata are switched off"},
      Refusal{1, 404, "misconfigured: 127.0.0.1:1338: no role is attached to this EC2 instance"},
      Refusal{2, 404, "misconfigured: 127.0.0.1:1338: no role is attached to this EC2 instance"},
      Refusal{2, 429, "transient: 127.0.0.1:1338: EC2's metadata service answered HTTP 429"},
  };
  const auto instance = source(k_instance.data());
  for (const auto& refusal : k_refusals) {
    http.requests.clear();
    if (refusal.step > 0) http.answer(200, "fake-imds-token");
    if (refusal.step > 1) http.answer(200, "app-role");
    http.answer(refusal.status, "");
    EXPECT_THAT(get(instance), HasSubstr(refusal.expected));
    EXPECT_EQ(http.requests.size(), static_cast<std::size_t>(refusal.step) + 1) << refusal.expected;
    ring.forgive(instance, Egress{});
  }
}

// What happens on every machine that is none of EC2's, so it is tried once.
TEST_F(KeyRingTest, NobodyThereIsNoCredentials)
{
  http.fail(Errc::timeout, "127.0.0.1:1338 does not answer");
  EXPECT_THAT(get(source(k_instance.data())),
              testing::AllOf(HasSubstr("there are no AWS credentials: set AWS_PROFILE"),
                             HasSubstr("EC2's metadata service at 127.0.0.1:1338"),
                             HasSubstr("the hop limit of the instance's metadata has to be 2")));
  EXPECT_EQ(http.requests.size(), 1U);
}

// An outage of EC2's metadata (static stability)

TEST_F(KeyRingTest, KeysOfAnInstanceOutliveTheirEndWhileItIsSilent)
{
  const auto instance = source(k_instance.data());
  instance_answer("ASIAFIRST");
  EXPECT_EQ(get(instance), "ASIAFIRST");
  for (const int hours : {6, 5, 7}) {
    clock.advance(std::chrono::hours(hours));
    instance_is_silent();
    EXPECT_EQ(get(instance), "ASIAFIRST");
  }
  clock.advance(11min); // an extension is over
  instance_answer("ASIASECOND");
  EXPECT_EQ(get(instance), "ASIASECOND");
}

TEST_F(KeyRingTest, AnExtensionIsNotAskedForWithEveryGet)
{
  const auto instance = source(k_instance.data());
  instance_answer("ASIAFIRST");
  EXPECT_EQ(get(instance), "ASIAFIRST");
  clock.advance(6h);
  instance_is_silent();
  for (int minute = 0; minute < 5; ++minute) {
    EXPECT_EQ(get(instance), "ASIAFIRST");
    clock.advance(1min);
  }
  EXPECT_EQ(http.requests.size(), 4U);
}

TEST_F(KeyRingTest, KeysInUseAreExtendedBeforeTheirEnd)
{
  asio::co_spawn(io, ring.tend(), rethrow);
  const auto instance = source(k_instance.data());
  instance_answer("ASIAFIRST");
  EXPECT_EQ(get(instance), "ASIAFIRST");
  for (int failure = 0; failure < 1000; ++failure)
    instance_is_silent();
  for (int minute = 0; minute < 12 * 60; ++minute) {
    clock.advance(1min);
    ASSERT_EQ(get(instance), "ASIAFIRST") << minute;
  }
  // From two fifths of six hours on, at least 2.5 minutes apart.
  EXPECT_LT(http.requests.size(), 3U + (12 * 60 - 144) / 2.5);
}

TEST_F(KeyRingTest, ExpiredKeysOfAnInstanceReplaceNoneThatItGaveBefore)
{
  const auto instance = source(k_instance.data());
  instance_answer("ASIAFIRST");
  EXPECT_EQ(get(instance), "ASIAFIRST");
  clock.advance(6h);
  instance_answer("ASIASTALE", -1h);
  EXPECT_EQ(get(instance), "ASIAFIRST");
}

TEST_F(KeyRingTest, ExpiredKeysOfAnInstanceAreUsedWhereThereAreNoOthers)
{
  const auto instance = source(k_instance.data());
  instance_answer("ASIASTALE", -1h);
  EXPECT_EQ(get(instance), "ASIASTALE");
  clock.advance(11min);
  instance_answer("ASIANEW");
  EXPECT_EQ(get(instance), "ASIANEW");
}

TEST_F(KeyRingTest, KeysThatAwsRefusedAreNotExtended)
{
  const auto instance = source(k_instance.data());
  instance_answer("ASIAFIRST");
  EXPECT_EQ(get(instance), "ASIAFIRST");
  clock.advance(6h);
  ring.forget(instance, Egress{}, "ASIAFIRST");
  instance_is_silent();
  EXPECT_THAT(get(instance), HasSubstr("there are no AWS credentials"));
}

TEST_F(KeyRingTest, ARoleThatWasTakenAwayIsNoOutage)
{
  const auto instance = source(k_instance.data());
  instance_answer("ASIAFIRST");
  EXPECT_EQ(get(instance), "ASIAFIRST");
  clock.advance(6h);
  http.answer(200, "fake-imds-token");
  http.answer(404, "");
  EXPECT_THAT(get(instance), HasSubstr("no role is attached to this EC2 instance"));
}

TEST_F(KeyRingTest, OnlyAnInstancesKeysAreExtended)
{
  const auto container = source(k_container.data());
  metadata_answer("ASIAFIRST", 6h);
  EXPECT_EQ(get(container), "ASIAFIRST");
  clock.advance(6h);
  for (int i = 0; i < 3; ++i)
    http.fail(Errc::transient, "connection refused");
  EXPECT_THAT(get(container), HasSubstr("transient"));
}

} // namespace
} // namespace purser::aws
