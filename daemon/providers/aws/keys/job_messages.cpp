#include "daemon/providers/aws/keys/job_messages.hpp"

#include "daemon/formats/wiped_json.hpp"
#include "daemon/http/url.hpp"
#include "daemon/providers/aws/aws_error.hpp"
#include "daemon/providers/aws/keys/jwt.hpp"

#include <utility>

namespace purser::aws {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t k_max_body = std::size_t{64} << 10;

Errc kind_of(unsigned status)
{
  if (status == 401) return Errc::rejected;
  if (status == 403) return Errc::forbidden;
  if (status == 429) return Errc::throttled;
  return status >= 500 ? Errc::transient : Errc::protocol_error;
}

std::string_view sentence(Errc kind)
{
  switch (kind) {
  case Errc::rejected:
    return "does not know the job: its variables are good only while it runs, so pass those of "
           "the job itself";
  case Errc::forbidden:
    return "gives the job no identity: give it \"permissions: id-token: write\"";
  case Errc::throttled: return "was asked too often: wait, and ask less often";
  case Errc::transient: return "has a fault: try again in a moment";
  default: return "issues no identity tokens: check ACTIONS_ID_TOKEN_REQUEST_URL and HTTPS_PROXY";
  }
}

} // namespace

HttpRequest
job_token_request(std::string url, std::string_view audience, const Secret& request_token)
{
  url += url.find('?') == std::string::npos ? "?audience=" : "&audience=";
  HttpRequest request("GET", std::move(url) + percent_encoded(audience));
  request.headers.push_back(HttpHeader{"Accept", "application/json; api-version=2.0"});
  request.headers.push_back(
      HttpHeader{"Authorization", "Bearer " + std::string(request_token.reveal())});
  request.max_body = k_max_body;
  request.limit = 5s;
  return request;
}

Result<Secret> parse_job_token(std::string_view body)
{
  const WipedJson json(body);
  const auto token = json.is_object() ? json.text("value") : std::string_view{};
  if (!is_jwt(token))
    return with_remedy({Errc::protocol_error, "the answer holds no identity token: check "
                                              "ACTIONS_ID_TOKEN_REQUEST_URL and HTTPS_PROXY"});
  return Secret(token);
}

Error job_token_refusal(const std::string& host, const HttpResponse& response, WallTime now)
{
  const Errc kind = kind_of(response.status);
  Error error = with_remedy({kind, host + " (HTTP " + std::to_string(response.status) + ") " +
                                       std::string(sentence(kind))});
  error.retry_after = read_failure(response, now).retry_after;
  return error;
}

} // namespace purser::aws
