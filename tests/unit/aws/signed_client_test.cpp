#include "daemon/providers/aws/signed_client.hpp"
#include "tests/support/civil_time.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/scripted_http.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include <time.h>

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace purser::aws {
namespace {
namespace asio = boost::asio;
using namespace std::chrono_literals;
using Answer = std::optional<Result<SignedClient::Answer>>;

constexpr std::string_view k_url = "https://sts.us-east-1.amazonaws.com/";
constexpr std::string_view k_refusal =
    "<ErrorResponse><Error><Type>Sender</Type><Code>SignatureDoesNotMatch</Code>"
    "<Message>Signature expired</Message></Error></ErrorResponse>";

void rethrow(std::exception_ptr bug)
{
  if (bug) std::rethrow_exception(bug);
}

struct SignedClientTest : testing::Test {
  // The host answers when its clock is `ahead` of ours.
  void answer(unsigned status, Duration ahead, std::string_view body = k_refusal)
  {
    const auto date = test::formatted(clock.wall() + ahead, "%a, %d %b %Y %H:%M:%S GMT");
    http.answer(status, body, {{"Date", date}});
  }

  asio::awaitable<void> ask(std::string url, Answer& answer)
  {
    HttpRequest request("POST", std::move(url));
    request.body = "Action=GetCallerIdentity";
    AwsKeys keys("AKIAFAKE", Secret("fake-secret"), Secret());
    SigningScope scope("us-east-1", "sts");
    answer.emplace(co_await client.send(std::move(request), std::move(keys), std::move(scope)));
  }
  // The status of the answer; 0 where there is none.
  unsigned send(std::string_view url = k_url)
  {
    Answer answer;
    asio::co_spawn(io, ask(std::string(url), answer), rethrow);
    clock.run();
    return answer && *answer ? (**answer).response.status : 0;
  }

  // What time the n-th request was signed for.
  std::string signed_at(std::size_t n) const
  {
    for (const auto& header : http.requests.at(n).headers)
      if (header.name == "X-Amz-Date" || header.name == "x-amz-date") return header.value;
    return "unsigned";
  }
  std::string time(Duration ahead) const
  {
    return test::formatted(clock.wall() + ahead, "%Y%m%dT%H%M%SZ");
  }

  asio::io_context io;
  test::ManualClock clock{io};
  test::ScriptedHttp http;
  SignedClient client{clock, http};
};

TEST_F(SignedClientTest, SignsByOurClock)
{
  answer(200, 3min, "");
  EXPECT_EQ(send(), 200U);
  EXPECT_EQ(signed_at(0), time(0s));
  EXPECT_EQ(http.requests.size(), 1U);
}

TEST_F(SignedClientTest, SignsOnceMoreByTheClockOfTheHost)
{
  for (const Duration ahead : {Duration(1h), Duration(-1h)}) {
    http.requests.clear();
    answer(403, ahead);
    answer(200, ahead, "");
    EXPECT_EQ(send(), 200U);
    ASSERT_EQ(http.requests.size(), 2U);
    EXPECT_EQ(signed_at(1), time(ahead));
    EXPECT_EQ(http.requests[1].body, http.requests[0].body);
    EXPECT_EQ(http.requests[1].headers.size(), http.requests[0].headers.size());
  }
}

TEST_F(SignedClientTest, RemembersTheClockOfTheHostAndOfNoOther)
{
  answer(403, 1h);
  answer(200, 1h, "");
  send();
  answer(200, 1h, "");
  EXPECT_EQ(send(), 200U);
  EXPECT_EQ(signed_at(2), time(1h));
  answer(200, 0s, "");
  send("https://sts.eu-west-1.amazonaws.com/");
  EXPECT_EQ(signed_at(3), time(0s));
}

TEST_F(SignedClientTest, ASecondRefusalIsTheAnswer)
{
  answer(403, 1h);
  answer(403, 1h);
  EXPECT_EQ(send(), 403U);
  EXPECT_EQ(http.requests.size(), 2U);
}

// A host whose clock is never the same.
TEST_F(SignedClientTest, ASecondRefusalIsTheAnswerAtAnyTime)
{
  answer(403, 1h);
  answer(403, 3h);
  EXPECT_EQ(send(), 403U);
  EXPECT_EQ(http.requests.size(), 2U);
}

TEST_F(SignedClientTest, OtherRefusalsAreNotForTheClock)
{
  answer(403, 1h, "<Error><Code>ExpiredToken</Code></Error>");
  EXPECT_EQ(send(), 403U);
  EXPECT_EQ(http.requests.size(), 1U);
  http.answer(403, k_refusal);
  EXPECT_EQ(send(), 403U);
  EXPECT_EQ(http.requests.size(), 2U);
}

TEST_F(SignedClientTest, ARefusalByAHostWithOurTimeIsTheAnswer)
{
  answer(403, 3min);
  EXPECT_EQ(send(), 403U);
  EXPECT_EQ(http.requests.size(), 1U);
}

TEST_F(SignedClientTest, AClockThatWasSetRightIsOursAgain)
{
  answer(403, 1h);
  answer(200, 1h, "");
  send();
  clock.step_wall(1h);
  answer(403, 0s);
  answer(200, 0s, "");
  EXPECT_EQ(send(), 200U);
  EXPECT_EQ(signed_at(2), time(1h));
  EXPECT_EQ(signed_at(3), time(0s));
}

TEST_F(SignedClientTest, NoAnswerIsAnError)
{
  http.fail(Errc::transient, "no route");
  EXPECT_EQ(send(), 0U);
  EXPECT_EQ(http.requests.size(), 1U);
}

} // namespace
} // namespace purser::aws
