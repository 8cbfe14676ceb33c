#pragma once

#include "daemon/async/spawn.hpp"
#include "daemon/http/beast_client.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/test_certificates.hpp"
#include "tests/support/test_server.hpp"

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>
#include <utility>

namespace purser::test {

// A client whose names are the test's, whose clock stands still, and an authority that
// it may be told to trust.
class HttpFixture : public testing::Test {
public:
  static void SetUpTestSuite() // NOLINT(readability-identifier-naming): GoogleTest's
  {
    CertificateOrder order;
    order.common_name = "Test Authority";
    order.alternative_names = "";
    order.authority = true;
    authority() = std::make_unique<Certified>(make_certificate(order));
  }

  static std::unique_ptr<Certified>& authority()
  {
    static std::unique_ptr<Certified> made;
    return made;
  }

protected:
  [[nodiscard]] static Certified issue(const CertificateOrder& order = {})
  {
    return make_certificate(order, authority().get());
  }

  // https://registry.test:PORT, trusting the authority.
  [[nodiscard]] HttpRequest request_to(const TestServer& server, const std::string& path = "/")
  {
    HttpRequest request("GET", "https://registry.test:" + server.port_text() + path);
    request.egress.ca_file = ca_file;
    return request;
  }

  [[nodiscard]] static HttpRequest plain_request_to(const TestServer& server,
                                                    const std::string& path = "/")
  {
    return {"GET", "http://registry.test:" + server.port_text() + path};
  }

  void start(HttpRequest request)
  {
    outcome.reset();
    spawn(io.get_executor(), "send", keep(std::move(request)));
  }

  Result<HttpResponse>& send(HttpRequest request)
  {
    start(std::move(request));
    run_until([this] { return outcome.has_value(); });
    return *outcome;
  }

  // The error that sending gives, and nothing where there is none.
  Error failure_of(HttpRequest request)
  {
    auto& result = send(std::move(request));
    return result ? Error{Errc::internal, "there was a response"} : result.error();
  }

  template <class Condition>
  void run_until(Condition condition)
  {
    while (!condition()) {
      if (io.stopped()) io.restart();
      if (io.run_one() == 0) FAIL() << "nothing is left that could happen";
    }
  }

  // Names are set before a request starts, and not changed while one runs.
  Result<Addresses> look_up(const std::string& host) const
  {
    const auto known = names.find(host);
    if (known == names.end()) return Error{Errc::transient, "Name or service not known"};
    return known->second;
  }

  TemporaryFolder folder;
  std::string ca_file = folder.write("ca.pem", authority()->certificate_pem());
  std::map<std::string, Addresses> names{
      {"registry.test", {asio::ip::address_v4::loopback()}},
      {"proxy.test", {asio::ip::address_v4::loopback()}},
  };

  asio::io_context io;
  ManualClock clock{io};
  WorkerPool resolvers{io.get_executor(), "resolver", 2};
  WorkerPool files{io.get_executor(), "files", 2};
  BeastHttpClient client{io.get_executor(), clock, resolvers, files,
                         [this](const std::string& host) { return look_up(host); }};
  std::optional<Result<HttpResponse>> outcome;

private:
  asio::awaitable<void> keep(HttpRequest request)
  {
    outcome = co_await client.send(std::move(request));
  }
};

} // namespace purser::test
