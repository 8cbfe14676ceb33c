#include "daemon/http/url.hpp"
#include "daemon/providers/aws/sources/source.hpp"

#include <boost/asio/ip/address.hpp>

#include <algorithm>
#include <array>

namespace purser::aws::sources {
namespace {

namespace ip = boost::asio::ip;

constexpr std::string_view k_ecs = "http://169.254.170.2";

// The hosts that may be asked without TLS: this machine and the agents of ECS and EKS.
bool is_local(const Url& url)
{
  constexpr std::array<const char*, 3> k_agents{"169.254.170.2", "169.254.170.23", "fd00:ec2::23"};
  const auto address = url.address();
  if (!address) return url.host == "localhost";
  return address->is_loopback() ||
         std::any_of(k_agents.begin(), k_agents.end(),
                     [&address](const char* agent) { return *address == ip::make_address(agent); });
}

Result<std::string> checked_url(const std::string& text, const std::string& variable)
{
  const auto url = parse_url(text);
  if (!url) return Error{Errc::misconfigured, variable + ": " + url.error().what + ": correct it"};
  if (!url->tls && !is_local(*url))
    return Error{Errc::misconfigured,
                 variable + " names " + url->host +
                     ", which may be asked over https only: the agents of ECS and EKS and this "
                     "machine itself may be asked over http"};
  return text;
}

Result<std::optional<std::string>> find_url(const Standpoint& standpoint)
{
  constexpr std::string_view k_relative = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";
  constexpr std::string_view k_full = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
  std::string text;
  std::string variable(k_relative);
  if (const auto path = standpoint.get(k_relative)) {
    if (!path->starts_with('/'))
      return Error{Errc::misconfigured, variable + " does not begin with /: correct it"};
    text = std::string(k_ecs) + std::string(*path);
  } else if (const auto full = standpoint.get(k_full)) {
    text = *full;
    variable = k_full;
  } else {
    return std::optional<std::string>{};
  }
  auto checked = checked_url(text, variable);
  if (!checked) return checked.error();
  return std::optional(std::move(*checked));
}

} // namespace

Found container(const ChainInput& input)
{
  auto url = find_url(input.standpoint);
  if (!url) return url.error();
  if (!*url)
    return nothing(input, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI and "
                          "AWS_CONTAINER_CREDENTIALS_FULL_URI are not set");
  ContainerEndpoint endpoint;
  endpoint.url = std::move(**url);
  auto file = input.standpoint.path("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
  if (!file) return file.error();
  if (*file)
    endpoint.token_file = std::move(**file);
  else if (const auto token = input.standpoint.get("AWS_CONTAINER_AUTHORIZATION_TOKEN"))
    endpoint.token = Secret(*token);
  return std::optional(FoundSource(std::move(endpoint), "the container", std::nullopt));
}

} // namespace purser::aws::sources
