#include "daemon/providers/aws/signed_client.hpp"

#include "daemon/http/url.hpp"
#include "daemon/providers/aws/aws_error.hpp"
#include "daemon/registry/http_date.hpp"

#include <spdlog/spdlog.h>

#include <utility>

namespace purser::aws {
namespace asio = boost::asio;

std::string host_of(const std::string& url)
{
  const auto parsed = parse_url(url);
  return parsed ? parsed->host_header() : url;
}

WallTime time_of(const HttpResponse& response, const Clock& clock)
{
  const auto date = response.header("Date");
  return (date ? parse_http_date(*date) : std::nullopt).value_or(clock.wall());
}

asio::awaitable<Result<SignedClient::Answer>>
SignedClient::send(HttpRequest request, AwsKeys keys, SigningScope scope)
{
  const std::string host = host_of(request.url);
  for (bool again = false;; again = true) {
    HttpRequest attempt = request;
    const auto now = offsets_.at(host, clock_.wall());
    if (auto done = sign(attempt, keys, scope, now); !done) co_return done.error();
    const auto sent_at = clock_.now();
    auto response = co_await http_.send(std::move(attempt));
    if (!response) co_return response.error();
    if (!was_clock_wrong(*response, host) || again) co_return Answer(std::move(*response), sent_at);
    spdlog::warn("{}: its clock and ours differ by minutes: signing by its clock", host);
  }
}

// Learns from every answer, and tells whether this one was a refusal for that reason.
bool SignedClient::was_clock_wrong(const HttpResponse& response, const std::string& host)
{
  const auto date = response.header("Date");
  const auto theirs = date ? parse_http_date(*date) : std::nullopt;
  if (!theirs || !offsets_.learn(host, *theirs, clock_.wall())) return false;
  return response.status >= 400 && may_be_clock_skew(read_failure(response, *theirs).code);
}

} // namespace purser::aws
