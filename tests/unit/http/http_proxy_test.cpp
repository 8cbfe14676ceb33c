#include "common/version.hpp"
#include "tests/unit/http/http_fixture.hpp"

namespace purser::test {
namespace {

using namespace std::chrono_literals;

class HttpProxyTest : public HttpFixture {
protected:
  static TestServer::Manners tunnel_to(const TestServer& server)
  {
    TestServer::Manners manners;
    manners.answer = "HTTP/1.1 200 Connection established\r\n\r\n";
    manners.ending = TestServer::Ending::hanging;
    manners.tunnel_to = server.port();
    return manners;
  }

  HttpRequest request_through(const TestServer& proxy, const std::string& userinfo = "")
  {
    HttpRequest request("GET", "https://registry.test/v2/");
    request.egress.ca_file = ca_file;
    request.egress.https_proxy = "http://" + userinfo + "proxy.test:" + proxy.port_text();
    return request;
  }

  Error failure_with_proxy_that_says(const std::string& answer,
                                     TestServer::Ending ending = TestServer::Ending::polite)
  {
    TestServer::Manners manners;
    manners.answer = answer;
    manners.ending = ending;
    const TestServer proxy(io, manners);
    auto error = failure_of(request_through(proxy, "user:hunter2-fake@"));
    EXPECT_EQ(error.what.rfind("registry.test:443: proxy proxy.test:" + proxy.port_text(), 0), 0U)
        << error.what;
    EXPECT_EQ(error.what.find("hunter2"), std::string::npos) << error.what;
    return error;
  }
};

TEST_F(HttpProxyTest, HttpsGoesThroughATunnelEndToEnd)
{
  const auto certified = issue();
  const TestServer server(io, {}, &certified);
  const TestServer proxy(io, tunnel_to(server));
  names.erase("registry.test"); // the proxy's business
  auto request = request_through(proxy, "user:p%40ss-fake@");
  request.headers = {{"Authorization", "Bearer not-a-real-secret"}};
  const auto& response = send(std::move(request));
  ASSERT_TRUE(response) << response.error().what;
  EXPECT_EQ(response->body.reveal(), "hello");

  ASSERT_EQ(proxy.requests().size(), 1U);
  EXPECT_EQ(proxy.requests().front(), "CONNECT registry.test:443 HTTP/1.1\r\n"
                                      "Host: registry.test:443\r\n"
                                      "User-Agent: purser/" +
                                          std::string(program_version()) +
                                          "\r\n"
                                          "Proxy-Authorization: Basic dXNlcjpwQHNzLWZha2U=\r\n"
                                          "\r\n");
  ASSERT_EQ(server.requests().size(), 1U);
  EXPECT_EQ(server.requests().front().find("Proxy-"), std::string::npos);
}

TEST_F(HttpProxyTest, TheServerBehindATunnelIsVerified)
{
  const auto certified = make_certificate({});
  const TestServer server(io, {}, &certified);
  const TestServer proxy(io, tunnel_to(server));
  EXPECT_EQ(failure_of(request_through(proxy)).code, Errc::unsafe);
  EXPECT_TRUE(server.requests().empty());
}

TEST_F(HttpProxyTest, HttpGoesToTheProxyInAbsoluteForm)
{
  const TestServer proxy(io, {});
  HttpRequest request("GET", "http://registry.test:8080/v2/?a=b");
  request.egress.http_proxy = "http://user:p%40ss-fake@proxy.test:" + proxy.port_text();
  ASSERT_TRUE(send(std::move(request)));
  const auto& sent = proxy.requests().front();
  EXPECT_EQ(
      sent.rfind("GET http://registry.test:8080/v2/?a=b HTTP/1.1\r\nHost: registry.test:8080\r\n",
                 0),
      0U)
      << sent;
  EXPECT_NE(sent.find("Proxy-Authorization: Basic dXNlcjpwQHNzLWZha2U=\r\n"), std::string::npos)
      << sent;
}

TEST_F(HttpProxyTest, ARefusalNamesTheProxyAndTheStatus)
{
  const auto wants_password = failure_with_proxy_that_says(
      http_answer("<html>not-a-real-secret</html>", "407 Proxy Authentication Required"));
  EXPECT_EQ(wants_password.code, Errc::misconfigured);
  EXPECT_NE(wants_password.what.find("407"), std::string::npos) << wants_password.what;

  const auto forbidden = failure_with_proxy_that_says(http_answer("", "403 Forbidden"));
  EXPECT_EQ(forbidden.code, Errc::misconfigured);
  EXPECT_NE(forbidden.what.find("403"), std::string::npos) << forbidden.what;

  const auto unreachable = failure_with_proxy_that_says(http_answer("", "502 Bad Gateway"));
  EXPECT_EQ(unreachable.code, Errc::transient);
  EXPECT_NE(unreachable.what.find("502"), std::string::npos) << unreachable.what;
}

TEST_F(HttpProxyTest, ARefusalOfAPlainRequestIsTheProxysOnlyWith407)
{
  TestServer::Manners manners;
  manners.answer = http_answer("", "407 Proxy Authentication Required");
  const TestServer proxy(io, manners);
  HttpRequest request("GET", "http://registry.test/");
  request.egress.http_proxy = "http://proxy.test:" + proxy.port_text();
  const auto error = failure_of(std::move(request));
  EXPECT_EQ(error.code, Errc::misconfigured);
  EXPECT_NE(error.what.find("proxy proxy.test:" + proxy.port_text()), std::string::npos)
      << error.what;
}

TEST_F(HttpProxyTest, AProxyThatSpeaksNoHttpOrBreaksOffIsNamed)
{
  EXPECT_EQ(failure_with_proxy_that_says("SSH-2.0-x\r\n\r\n").code, Errc::protocol_error);
  EXPECT_EQ(failure_with_proxy_that_says("").code, Errc::transient);
  EXPECT_EQ(failure_with_proxy_that_says("HTTP/1.1 200 OK\r\n\r\nsmuggled").code, Errc::unsafe);
}

TEST_F(HttpProxyTest, AProxyThatCannotBeReachedIsNamed)
{
  std::string port;
  {
    const TestServer closed(io, {});
    port = closed.port_text();
  }
  HttpRequest request("GET", "https://registry.test/");
  request.egress.https_proxy = "http://proxy.test:" + port;
  const auto refused = failure_of(request);
  EXPECT_EQ(refused.code, Errc::transient);
  EXPECT_EQ(refused.what, "registry.test:443: cannot connect to proxy proxy.test:" + port +
                              ": Connection refused");

  request.egress.https_proxy = "http://nowhere.test:" + port;
  EXPECT_EQ(failure_of(request).what,
            "registry.test:443: cannot resolve nowhere.test: Name or service not known");
}

TEST_F(HttpProxyTest, AProxyThatHangsIsNamed)
{
  TestServer::Manners manners;
  manners.answer = "";
  manners.ending = TestServer::Ending::hanging;
  const TestServer proxy(io, manners);
  start(request_through(proxy));
  run_until([&proxy] { return proxy.requests().size() == 1; });
  clock.advance(4s);
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->error().code, Errc::timeout);
  EXPECT_EQ(outcome->error().what, "registry.test:443: connecting to proxy proxy.test:" +
                                       proxy.port_text() + " took longer than the limit of 4 s");
}

TEST_F(HttpProxyTest, NoProxyAndLoopbackGoDirectly)
{
  const auto certified = issue();
  const TestServer server(io, {}, &certified);
  const TestServer proxy(io, tunnel_to(server));
  auto request = request_to(server);
  request.egress.https_proxy = "http://proxy.test:" + proxy.port_text();
  request.egress.no_proxy = "other.test,.test";
  EXPECT_TRUE(send(std::move(request)));

  const TestServer plain(io, {});
  HttpRequest local("GET", "http://127.0.0.1:" + plain.port_text());
  local.egress.http_proxy = "http://proxy.test:" + proxy.port_text();
  EXPECT_TRUE(send(std::move(local)));
  EXPECT_EQ(proxy.touched(), 0);
}

} // namespace
} // namespace purser::test
