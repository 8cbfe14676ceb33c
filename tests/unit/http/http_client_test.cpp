#include "common/version.hpp"
#include "tests/unit/http/http_fixture.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>

#include <array>
#include <condition_variable>
#include <mutex>

namespace purser::test {
namespace {

using namespace std::chrono_literals;

class HttpClientTest : public HttpFixture {
protected:
  Error failure_of_answer(const std::string& answer,
                          TestServer::Ending ending = TestServer::Ending::polite)
  {
    TestServer::Manners manners;
    manners.answer = answer;
    manners.ending = ending;
    const TestServer server(io, manners);
    auto error = failure_of(plain_request_to(server));
    EXPECT_EQ(error.what.rfind("registry.test:" + server.port_text() + ": ", 0), 0U) << error.what;
    EXPECT_EQ(error.what.find("not-a-real-secret"), std::string::npos) << error.what;
    EXPECT_EQ(error.what.find('\n'), std::string::npos) << error.what;
    return error;
  }

  std::string body_of_answer(const std::string& answer)
  {
    TestServer::Manners manners;
    manners.answer = answer;
    const TestServer server(io, manners);
    auto& response = send(plain_request_to(server));
    return response ? std::string(response->body.reveal()) : response.error().what;
  }
};

TEST_F(HttpClientTest, SendsWhatWasAskedAndNoMoreThanNeeded)
{
  const TestServer server(io, {});
  auto request = plain_request_to(server, "/path?query=1");
  request.method = "POST";
  request.body = R"({"a":1})";
  request.headers = {{"X-Amz-Target", "Do.It"}, {"Content-Type", "application/x-amz-json-1.1"}};
  ASSERT_TRUE(send(std::move(request)));
  ASSERT_EQ(server.requests().size(), 1U);
  EXPECT_EQ(server.requests().front(), "POST /path?query=1 HTTP/1.1\r\n"
                                       "Host: registry.test:" +
                                           server.port_text() +
                                           "\r\n"
                                           "User-Agent: purser/" +
                                           std::string(program_version()) +
                                           "\r\n"
                                           "Accept-Encoding: identity\r\n"
                                           "Connection: close\r\n"
                                           "X-Amz-Target: Do.It\r\n"
                                           "Content-Type: application/x-amz-json-1.1\r\n"
                                           "Content-Length: 7\r\n"
                                           "\r\n"
                                           R"({"a":1})");
}

TEST_F(HttpClientTest, HowAMessageIsFramedIsNotForTheCallerToSay)
{
  const TestServer server(io, {});
  auto request = plain_request_to(server);
  request.headers = {{"host", "evil.test"},
                     {"Content-Length", "9999"},
                     {"Transfer-Encoding", "chunked"},
                     {"Connection", "keep-alive"}};
  ASSERT_TRUE(send(std::move(request)));
  const auto& sent = server.requests().front();
  EXPECT_EQ(sent.find("evil"), std::string::npos) << sent;
  EXPECT_EQ(sent.find("9999"), std::string::npos) << sent;
  EXPECT_EQ(sent.find("chunked"), std::string::npos) << sent;
  EXPECT_EQ(sent.find("keep-alive"), std::string::npos) << sent;
}

TEST_F(HttpClientTest, RefusesWhatWouldEndALineEarly)
{
  const TestServer server(io, {});
  const std::string nul("a\0b", 3);
  for (const std::string& value : {std::string("a\r\nX-Evil: 1"), std::string("a\nb"), nul}) {
    auto request = plain_request_to(server);
    request.headers = {{"Authorization", value}};
    const auto error = failure_of(std::move(request));
    EXPECT_EQ(error.code, Errc::misconfigured);
    EXPECT_NE(error.what.find("Authorization"), std::string::npos) << error.what;
    EXPECT_EQ(error.what.find("Evil"), std::string::npos) << error.what;
  }
  auto bad_name = plain_request_to(server);
  bad_name.headers = {{"X: y\r\nX-Evil", "1"}};
  EXPECT_EQ(failure_of(std::move(bad_name)).code, Errc::misconfigured);
  auto bad_method = plain_request_to(server);
  bad_method.method = "GET / HTTP/1.1\r\n";
  EXPECT_EQ(failure_of(std::move(bad_method)).code, Errc::misconfigured);
  auto bad_url = plain_request_to(server, "/a\r\nX-Evil:1");
  EXPECT_EQ(failure_of(std::move(bad_url)).code, Errc::misconfigured);
  EXPECT_EQ(server.touched(), 0);
}

TEST_F(HttpClientTest, EveryStatusIsAResponse)
{
  for (const auto* status : {"200 OK", "400 Bad Request", "401 Unauthorized", "503 Busy"}) {
    TestServer::Manners manners;
    manners.answer = http_answer("text", status);
    const TestServer server(io, manners);
    const auto& response = send(plain_request_to(server));
    ASSERT_TRUE(response) << status;
    EXPECT_EQ(std::to_string(response->status), std::string(status).substr(0, 3));
    EXPECT_EQ(response->body.reveal(), "text");
  }
}

TEST_F(HttpClientTest, RedirectsAreNotFollowed)
{
  const TestServer elsewhere(io, {});
  for (const auto* status : {"301 Moved", "302 Found", "303 See", "307 Temp", "308 Perm"}) {
    TestServer::Manners manners;
    manners.answer = "HTTP/1.1 " + std::string(status) +
                     "\r\nLocation: http://registry.test:" + elsewhere.port_text() +
                     "/\r\nContent-Length: 0\r\n\r\n";
    const TestServer server(io, manners);
    const auto& response = send(plain_request_to(server));
    ASSERT_TRUE(response) << response.error().what;
    EXPECT_EQ(std::to_string(response->status), std::string(status).substr(0, 3));
    EXPECT_EQ(server.requests().size(), 1U);
  }
  EXPECT_EQ(elsewhere.touched(), 0);
}

TEST_F(HttpClientTest, FindsHeadersWhateverTheirCase)
{
  TestServer::Manners manners;
  manners.answer =
      "HTTP/1.1 429 Slow\r\nretry-AFTER: 7\r\nRetry-After: 8\r\nContent-Length: 0\r\n\r\n";
  const TestServer server(io, manners);
  const auto& response = send(plain_request_to(server));
  ASSERT_TRUE(response);
  EXPECT_EQ(response->header("Retry-After"), "7");
  EXPECT_EQ(response->header("Retry"), std::nullopt);
}

TEST_F(HttpClientTest, ReadsTheFormsOfABody)
{
  EXPECT_EQ(body_of_answer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                           "5\r\nhello\r\n1;x=y\r\n!\r\n0\r\n\r\n"),
            "hello!");
  EXPECT_EQ(body_of_answer("HTTP/1.1 200 OK\r\n\r\nto the end"), "to the end");
  EXPECT_EQ(body_of_answer("HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok"), "ok");
  EXPECT_EQ(body_of_answer("HTTP/1.1 204 No Content\r\n\r\n"), "");
  EXPECT_EQ(
      body_of_answer("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" +
                     http_answer("after interim responses")),
      "after interim responses");
}

TEST_F(HttpClientTest, LeavesGzipAlone)
{
  const std::string gzip("\x1f\x8b\x08\x00 bomb", 9);
  EXPECT_EQ(body_of_answer(
                "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 9\r\n\r\n" + gzip),
            gzip);
}

TEST_F(HttpClientTest, AHeadAnswerHasNoBody)
{
  TestServer::Manners manners;
  manners.answer = "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n";
  manners.ending = TestServer::Ending::hanging;
  const TestServer server(io, manners);
  auto request = plain_request_to(server);
  request.method = "HEAD";
  const auto& response = send(std::move(request));
  ASSERT_TRUE(response) << response.error().what;
  EXPECT_TRUE(response->body.empty());
}

TEST_F(HttpClientTest, RefusesABodyOverTheLimit)
{
  const std::string body(1001, 'x');
  const std::string chunked =
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n" + body + "\r\n0\r\n\r\n";
  for (const auto& answer : {http_answer(body), chunked, "HTTP/1.1 200 OK\r\n\r\n" + body}) {
    TestServer::Manners manners;
    manners.answer = answer;
    const TestServer server(io, manners);
    auto request = plain_request_to(server);
    request.max_body = 1000;
    const auto error = failure_of(std::move(request));
    EXPECT_EQ(error.code, Errc::unsafe) << error.what;
    EXPECT_NE(error.what.find("too large"), std::string::npos) << error.what;

    auto roomy = plain_request_to(server);
    roomy.max_body = 1001;
    EXPECT_TRUE(send(std::move(roomy)));
  }
}

TEST_F(HttpClientTest, RefusesAHeadOverTheLimit)
{
  const auto error =
      failure_of_answer("HTTP/1.1 200 OK\r\nX: " + std::string(17000, 'x') + "\r\n\r\n");
  EXPECT_EQ(error.code, Errc::unsafe);
}

TEST_F(HttpClientTest, SaysWhenTheAnswerIsNoHttp)
{
  EXPECT_EQ(failure_of_answer("SSH-2.0-OpenSSH not-a-real-secret\r\n\r\n").code,
            Errc::protocol_error);
  EXPECT_EQ(failure_of_answer("HTTP/9.9 200 OK\r\n\r\n").code, Errc::protocol_error);
  EXPECT_EQ(failure_of_answer("HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n").code,
            Errc::protocol_error);
  EXPECT_EQ(failure_of_answer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n").code,
            Errc::protocol_error);
}

TEST_F(HttpClientTest, InterimResponsesComeToAnEnd)
{
  std::string endless;
  for (int i = 0; i < 100; ++i)
    endless += "HTTP/1.1 100 Continue\r\n\r\n";
  EXPECT_EQ(failure_of_answer(endless).code, Errc::protocol_error);
}

TEST_F(HttpClientTest, ABrokenConnectionIsTransient)
{
  EXPECT_EQ(failure_of_answer("").code, Errc::transient);
  EXPECT_EQ(failure_of_answer("HTTP/1.1 200 OK\r\nContent-Le").code, Errc::transient);
  const auto half = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nnot-a-real-secret";
  EXPECT_EQ(failure_of_answer(half).code, Errc::transient);
  EXPECT_EQ(failure_of_answer(half, TestServer::Ending::reset).code, Errc::transient);
}

TEST_F(HttpClientTest, ARefusedConnectionNamesHostAndCause)
{
  std::string port;
  {
    const TestServer closed(io, {});
    port = closed.port_text();
  }
  const auto error = failure_of(HttpRequest("GET", "http://registry.test:" + port));
  EXPECT_EQ(error.code, Errc::transient);
  EXPECT_EQ(error.what, "registry.test:" + port + ": cannot connect: Connection refused");
}

TEST_F(HttpClientTest, ANameThatCannotBeResolvedIsTransientAndNamed)
{
  const auto error = failure_of(HttpRequest("GET", "https://nowhere.test/"));
  EXPECT_EQ(error.code, Errc::transient);
  EXPECT_EQ(error.what, "nowhere.test:443: cannot resolve nowhere.test: Name or service not known");
}

TEST_F(HttpClientTest, AnotherAddressIsTriedWhenOneIsDead)
{
  const TestServer server(io, {});
  names["registry.test"] = {asio::ip::address_v6::loopback(), asio::ip::make_address("127.0.0.3"),
                            asio::ip::address_v4::loopback()};
  EXPECT_TRUE(send(plain_request_to(server)));
}

TEST_F(HttpClientTest, GivesUpOnAServerThatDoesNotAnswer)
{
  TestServer::Manners manners;
  manners.answer = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell";
  manners.ending = TestServer::Ending::hanging;
  const TestServer server(io, manners);
  start(plain_request_to(server));
  run_until([&server] { return server.requests().size() == 1; });
  clock.advance(9999ms);
  EXPECT_FALSE(outcome);
  clock.advance(1ms);
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->error().code, Errc::timeout);
  EXPECT_EQ(outcome->error().what, "registry.test:" + server.port_text() +
                                       ": the answer took longer than the limit of 10 s");
  EXPECT_EQ(clock.sleepers(), 0U);
}

// Hangs in the resolver until the test is over.
class StalledNames {
public:
  Result<Addresses> look_up()
  {
    std::unique_lock lock(mutex_);
    ++callers_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return over_; });
    return Error{Errc::transient, "too late"};
  }
  void await_caller()
  {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return callers_ > 0; });
  }
  int callers()
  {
    const std::lock_guard lock(mutex_);
    return callers_;
  }
  void end()
  {
    const std::lock_guard lock(mutex_);
    over_ = true;
    changed_.notify_all();
  }

private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int callers_ = 0;
  bool over_ = false;
};

asio::awaitable<void>
ask(HttpClient& client, HttpRequest request, std::optional<Result<HttpResponse>>& into)
{
  into = co_await client.send(std::move(request));
}

TEST_F(HttpClientTest, AStalledResolverHoldsUpNobodyElse)
{
  const auto stalled = std::make_shared<StalledNames>();
  const TestServer server(io, {});
  const Addresses loopback{asio::ip::address_v4::loopback()};
  BeastHttpClient slow(io.get_executor(), clock, resolvers, files,
                       [stalled, loopback](const std::string& host) -> Result<Addresses> {
                         if (host == "stalled.test") return stalled->look_up();
                         return loopback;
                       });
  std::optional<Result<HttpResponse>> late;
  std::optional<Result<HttpResponse>> good;
  spawn(io.get_executor(), "late", ask(slow, HttpRequest("GET", "https://stalled.test"), late));
  io.poll();
  stalled->await_caller();
  spawn(io.get_executor(), "good", ask(slow, plain_request_to(server), good));
  run_until([&good] { return good.has_value(); });
  EXPECT_TRUE(*good);

  clock.advance(10s);
  ASSERT_TRUE(late);
  EXPECT_EQ(late->error().code, Errc::timeout);
  EXPECT_EQ(late->error().what,
            "stalled.test:443: resolving stalled.test took longer than the limit of 10 s");
  stalled->end();
}

TEST_F(HttpClientTest, AStalledNameTakesOneThreadWhoeverAsksForIt)
{
  const auto stalled = std::make_shared<StalledNames>();
  const TestServer server(io, {});
  const Addresses loopback{asio::ip::address_v4::loopback()};
  BeastHttpClient slow(io.get_executor(), clock, resolvers, files,
                       [stalled, loopback](const std::string& host) -> Result<Addresses> {
                         if (host == "stalled.test") return stalled->look_up();
                         return loopback;
                       });
  std::array<std::optional<Result<HttpResponse>>, 4> late; // twice as many as there are threads
  std::optional<Result<HttpResponse>> good;
  for (auto& each : late)
    spawn(io.get_executor(), "late", ask(slow, HttpRequest("GET", "https://stalled.test"), each));
  io.poll();
  stalled->await_caller();
  spawn(io.get_executor(), "good", ask(slow, plain_request_to(server), good));
  run_until([&good] { return good.has_value(); });
  EXPECT_TRUE(*good);

  clock.advance(10s);
  for (const auto& each : late) {
    ASSERT_TRUE(each);
    EXPECT_EQ(each->error().code, Errc::timeout);
  }
  clock.advance(2s);
  // It still hangs: who asks now is told so, and takes no thread.
  std::optional<Result<HttpResponse>> later;
  spawn(io.get_executor(), "later", ask(slow, HttpRequest("GET", "https://stalled.test"), later));
  clock.run();
  ASSERT_TRUE(later);
  EXPECT_EQ(later->error().what,
            "stalled.test:443: cannot resolve stalled.test: the name servers are silent");
  EXPECT_EQ(stalled->callers(), 1);
  stalled->end();
}

class CancelledCallerTest : public HttpClientTest {
protected:
  void start_cancellable(HttpRequest request)
  {
    auto note = [this](const std::exception_ptr& e) {
      ended = true;
      threw = e != nullptr;
    };
    asio::co_spawn(io, ask(std::move(request)), asio::bind_cancellation_slot(stop.slot(), note));
  }
  asio::awaitable<void> ask(HttpRequest request) { (void)co_await client.send(std::move(request)); }

  asio::cancellation_signal stop;
  bool ended = false;
  bool threw = false;
};

TEST_F(CancelledCallerTest, EndsAtOnceDuringTheHandshake)
{
  TestServer::Manners manners;
  manners.ending = TestServer::Ending::mute;
  const TestServer server(io, manners);
  start_cancellable(request_to(server));
  run_until([&server] { return server.touched() == 1; });
  stop.emit(asio::cancellation_type::terminal);
  run_until([this] { return ended; });
  EXPECT_TRUE(threw);
  EXPECT_EQ(clock.sleepers(), 0U);
}

TEST_F(CancelledCallerTest, EndsAtOnceWhileTheAnswerIsAwaited)
{
  TestServer::Manners manners;
  manners.answer = "";
  manners.ending = TestServer::Ending::hanging;
  const auto certified = issue();
  const TestServer server(io, manners, &certified);
  start_cancellable(request_to(server));
  run_until([&server] { return server.requests().size() == 1; });
  stop.emit(asio::cancellation_type::terminal);
  run_until([this] { return ended; });
  EXPECT_TRUE(threw);
}

TEST_F(HttpClientTest, ManyAtOnceEachGetTheirAnswer)
{
  const auto certified = issue();
  const TestServer server(io, {}, &certified);
  int answered = 0;
  const auto ask = [this, &answered](HttpRequest request) -> asio::awaitable<void> {
    const auto response = co_await client.send(std::move(request));
    EXPECT_TRUE(response) << response.error().what;
    ++answered;
  };
  for (int i = 0; i < 50; ++i)
    spawn(io.get_executor(), "ask", ask(request_to(server)));
  run_until([&answered] { return answered == 50; });
  EXPECT_EQ(server.requests().size(), 50U);
}

} // namespace
} // namespace purser::test
