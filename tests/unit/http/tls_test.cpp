#include "tests/unit/http/http_fixture.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <filesystem>

namespace purser::test {
namespace {

using namespace std::chrono_literals;

class HttpTlsTest : public HttpFixture {
protected:
  static bool says(const Error& error, const std::string& text)
  {
    return error.what.find(text) != std::string::npos;
  }

  // What a server with this certificate gets us.
  Error failure_with(const Certified& certified)
  {
    const TestServer server(io, {}, &certified);
    auto error = failure_of(request_to(server));
    EXPECT_TRUE(server.requests().empty()) << "the request must not leave";
    EXPECT_TRUE(error.what.starts_with("registry.test:" + server.port_text())) << error.what;
    return error;
  }
};

TEST_F(HttpTlsTest, TalksToAServerWhoseCertificateIsRight)
{
  const auto certified = issue();
  const TestServer server(io, {}, &certified);
  const auto& response = send(request_to(server));
  ASSERT_TRUE(response) << response.error().what;
  EXPECT_EQ(response->body.reveal(), "hello");
}

TEST_F(HttpTlsTest, AcceptsAWildcardAndAnAddress)
{
  CertificateOrder order;
  order.alternative_names = "DNS:*.eu.test,IP:127.0.0.1";
  const auto certified = issue(order);
  const TestServer server(io, {}, &certified);
  names["registry.eu.test"] = names["registry.test"];
  HttpRequest by_wildcard("GET", "https://registry.eu.test:" + server.port_text());
  by_wildcard.egress.ca_file = ca_file;
  EXPECT_TRUE(send(std::move(by_wildcard)));
  HttpRequest by_address("GET", "https://127.0.0.1:" + server.port_text());
  by_address.egress.ca_file = ca_file;
  EXPECT_TRUE(send(std::move(by_address)));
}

TEST_F(HttpTlsTest, RefusesAnotherName)
{
  CertificateOrder order;
  order.alternative_names = "DNS:other.test";
  const auto error = failure_with(issue(order));
  EXPECT_EQ(error.code, Errc::unsafe);
  EXPECT_TRUE(says(error, "hostname mismatch")) << error.what;
  EXPECT_FALSE(says(error, "AWS_CA_BUNDLE")) << "no authority would mend it";
}

TEST_F(HttpTlsTest, RefusesANameThatStandsOnlyInTheSubject)
{
  CertificateOrder order;
  order.alternative_names = "";
  const auto error = failure_with(issue(order));
  EXPECT_EQ(error.code, Errc::unsafe);
  EXPECT_TRUE(says(error, "hostname mismatch")) << error.what;
}

TEST_F(HttpTlsTest, RefusesAnotherAddress)
{
  CertificateOrder order;
  order.alternative_names = "IP:127.0.0.2,DNS:127.0.0.1";
  const auto certified = issue(order);
  const TestServer server(io, {}, &certified);
  HttpRequest request("GET", "https://127.0.0.1:" + server.port_text());
  request.egress.ca_file = ca_file;
  const auto error = failure_of(std::move(request));
  EXPECT_EQ(error.code, Errc::unsafe);
  EXPECT_TRUE(says(error, "IP address mismatch")) << error.what;
}

TEST_F(HttpTlsTest, RefusesWhatHasExpiredOrIsNotYetValid)
{
  CertificateOrder old;
  old.valid_from_seconds = -7200;
  old.valid_to_seconds = -3600;
  const auto expired = failure_with(issue(old));
  EXPECT_EQ(expired.code, Errc::unsafe);
  EXPECT_TRUE(says(expired, "certificate has expired")) << expired.what;

  CertificateOrder early;
  early.valid_from_seconds = 3600;
  early.valid_to_seconds = 7200;
  const auto future = failure_with(issue(early));
  EXPECT_EQ(future.code, Errc::unsafe);
  EXPECT_TRUE(says(future, "certificate is not yet valid")) << future.what;
}

TEST_F(HttpTlsTest, RefusesASelfSignedCertificateAndSaysWhatToDo)
{
  const auto error = failure_with(make_certificate({}));
  EXPECT_EQ(error.code, Errc::unsafe);
  EXPECT_TRUE(says(error, "self-signed certificate")) << error.what;
  EXPECT_TRUE(says(error, "set AWS_CA_BUNDLE or SSL_CERT_FILE")) << error.what;
}

TEST_F(HttpTlsTest, RefusesAnUnknownAuthorityAndSaysWhatToDo)
{
  CertificateOrder order;
  order.common_name = "Somebody Else";
  order.authority = true;
  order.alternative_names = "";
  const auto other = make_certificate(order);
  const auto error = failure_with(make_certificate({}, &other));
  EXPECT_EQ(error.code, Errc::unsafe);
  EXPECT_TRUE(says(error, "unable to get local issuer certificate")) << error.what;
  EXPECT_TRUE(says(error, "set AWS_CA_BUNDLE or SSL_CERT_FILE")) << error.what;
}

TEST_F(HttpTlsTest, ANamedFileReplacesTheSystemsAuthoritiesAndNotTheOtherWayRound)
{
  const auto certified = issue();
  const TestServer server(io, {}, &certified);
  auto request = request_to(server);
  request.egress.ca_file.clear(); // the system's do not know ours
  const auto error = failure_of(std::move(request));
  EXPECT_TRUE(error.code == Errc::unsafe || error.code == Errc::misconfigured) << error.what;
}

TEST_F(HttpTlsTest, ACertificateMayBeTrustedItself)
{
  const auto certified = make_certificate({});
  const TestServer server(io, {}, &certified);
  auto request = request_to(server);
  request.egress.ca_file = folder.write("self.pem", certified.certificate_pem());
  EXPECT_TRUE(send(std::move(request)));
}

TEST_F(HttpTlsTest, RefusesOldVersionsOfTheProtocol)
{
  const auto certified = issue();
  TestServer::Manners manners;
  manners.max_tls = TLS1_1_VERSION;
  const TestServer server(io, manners, &certified);
  const auto error = failure_of(request_to(server));
  EXPECT_EQ(error.code, Errc::unsafe);
  EXPECT_TRUE(says(error, "it speaks TLS 1.1 or older only")) << error.what;
}

TEST_F(HttpTlsTest, SpeaksTls12)
{
  const auto certified = issue();
  TestServer::Manners manners;
  manners.max_tls = TLS1_2_VERSION;
  const TestServer server(io, manners, &certified);
  const auto& response = send(request_to(server));
  EXPECT_TRUE(response) << response.error().what;
}

TEST_F(HttpTlsTest, Tls12ServersAreVerifiedAsWell)
{
  const auto certified = make_certificate({});
  TestServer::Manners manners;
  manners.max_tls = TLS1_2_VERSION;
  const TestServer server(io, manners, &certified);
  EXPECT_EQ(failure_of(request_to(server)).code, Errc::unsafe);
  EXPECT_TRUE(server.requests().empty());
}

TEST_F(HttpTlsTest, SaysThatAServerSpeaksNoTls)
{
  TestServer::Manners manners;
  manners.impatient = true;
  const TestServer server(io, manners);
  const auto error = failure_of(request_to(server));
  EXPECT_EQ(error.code, Errc::protocol_error);
  EXPECT_TRUE(says(error, "does not speak TLS")) << error.what;
}

TEST_F(HttpTlsTest, GivesUpOnAHandshakeThatHangs)
{
  TestServer::Manners manners;
  manners.ending = TestServer::Ending::mute;
  const TestServer server(io, manners);
  start(request_to(server));
  run_until([&server] { return server.touched() == 1; });
  clock.advance(3999ms);
  EXPECT_FALSE(outcome);
  clock.advance(1ms);
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->error().code, Errc::timeout);
  EXPECT_EQ(outcome->error().what, "registry.test:" + server.port_text() +
                                       ": connecting took longer than the limit of 4 s");
  EXPECT_EQ(clock.sleepers(), 0U);
}

TEST_F(HttpTlsTest, DoesNotTakeATruncatedAnswerForAWholeOne)
{
  const auto certified = issue();
  TestServer::Manners manners;
  manners.answer = "HTTP/1.1 200 OK\r\n\r\nends with the connection";
  manners.ending = TestServer::Ending::rude;
  const TestServer cut(io, manners, &certified);
  EXPECT_EQ(failure_of(request_to(cut)).code, Errc::transient);

  manners.ending = TestServer::Ending::polite;
  const TestServer whole(io, manners, &certified);
  const auto& response = send(request_to(whole));
  ASSERT_TRUE(response) << response.error().what;
  EXPECT_EQ(response->body.reveal(), "ends with the connection");
}

class HttpAuthoritiesTest : public HttpTlsTest {
protected:
  Error failure_trusting(const std::string& file, const std::string& dir = "")
  {
    const TestServer server(io, {}, &certified);
    auto request = request_to(server);
    request.egress.ca_file = file;
    request.egress.ca_dir = dir;
    return failure_of(std::move(request));
  }
  bool trusting(const std::string& file, const std::string& dir = "")
  {
    const TestServer server(io, {}, &certified);
    auto request = request_to(server);
    request.egress.ca_file = file;
    request.egress.ca_dir = dir;
    return send(std::move(request)).has_value();
  }

  Certified certified = issue();
};

TEST_F(HttpAuthoritiesTest, NamesTheFileThatCannotBeUsed)
{
  const auto missing = folder.path() + "/missing.pem";
  const auto empty = folder.write("empty.pem", "");
  const auto garbage = folder.write("garbage.pem", "not-a-real-secret in the wrong file\n");
  const auto damaged =
      folder.write("damaged.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
  for (const auto& path : {missing, empty, garbage, damaged, folder.path()}) {
    const auto error = failure_trusting(path);
    EXPECT_EQ(error.code, Errc::misconfigured) << path;
    EXPECT_TRUE(says(error, path)) << error.what;
    EXPECT_FALSE(says(error, "not-a-real-secret")) << error.what;
  }
}

TEST_F(HttpAuthoritiesTest, ReadsABundle)
{
  CertificateOrder other;
  other.authority = true;
  const auto bundle =
      folder.write("bundle.pem", "# a comment\n" + make_certificate(other).certificate_pem() +
                                     "\n" + authority()->certificate_pem());
  EXPECT_TRUE(trusting(bundle));
}

TEST_F(HttpAuthoritiesTest, SeesThatAFileWasReplaced)
{
  CertificateOrder other;
  other.authority = true;
  const auto path = folder.write("changing.pem", make_certificate(other).certificate_pem());
  EXPECT_FALSE(trusting(path));
  const auto next = folder.write("next.pem", authority()->certificate_pem());
  std::filesystem::rename(next, path);
  EXPECT_TRUE(trusting(path));
}

TEST_F(HttpAuthoritiesTest, ReadsAHashedFolderAndAnOrdinaryOne)
{
  const TemporaryFolder hashed;
  hashed.write(authority()->hashed_name(), authority()->certificate_pem());
  EXPECT_TRUE(trusting("", hashed.path()));

  const TemporaryFolder ordinary;
  ordinary.write("README", "no certificate");
  ordinary.write("corporate.crt", authority()->certificate_pem());
  EXPECT_TRUE(trusting("", ordinary.path()));
  EXPECT_TRUE(trusting("", hashed.path() + ":" + ordinary.path()));
}

TEST_F(HttpAuthoritiesTest, NamesTheFolderThatCannotBeUsed)
{
  const TemporaryFolder empty;
  for (const auto& path : {empty.path(), folder.path() + "/missing"}) {
    const auto error = failure_trusting("", path);
    EXPECT_EQ(error.code, Errc::misconfigured) << path;
    EXPECT_TRUE(says(error, path)) << error.what;
  }
}

} // namespace
} // namespace purser::test
