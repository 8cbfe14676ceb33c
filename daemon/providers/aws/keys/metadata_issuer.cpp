#include "daemon/providers/aws/keys/metadata_issuer.hpp"

#include "daemon/providers/aws/chain.hpp"
#include "daemon/providers/aws/keys/metadata_messages.hpp"
#include "daemon/providers/aws/keys/token_file.hpp"
#include "daemon/providers/aws/signed_client.hpp"

#include <algorithm>
#include <utility>

namespace purser::aws {
namespace asio = boost::asio;

namespace {

Error container_refusal(const std::string& url, const HttpResponse& response, WallTime now)
{
  const auto failure = read_failure(response, now);
  const std::string code = shown_code(failure);
  Error error(failure.kind, host_of(url) +
                                ": the endpoint of the container's credentials refused (" + code +
                                "): check the role of the task (ECS) or the pod identity "
                                "association (EKS)");
  error.retry_after = failure.retry_after;
  return with_remedy(std::move(error));
}

Error no_instance(const std::string& url, const Error& cause)
{
  return with_remedy(
      {cause.code, no_credentials().what + " (EC2's metadata service at " + host_of(url) +
                       " does not answer: " + cause.what +
                       "; in a container on EC2, the hop limit of the instance's metadata "
                       "has to be 2)"});
}

Error instance_refusal(const std::string& url, const HttpResponse& response)
{
  const std::string host = host_of(url);
  switch (response.status) {
  case 403:
    return with_remedy({Errc::forbidden, host +
                                             ": EC2's metadata are switched off for this instance "
                                             "(HTTP 403): switch them on, or set AWS_PROFILE"});
  case 404:
    return with_remedy({Errc::misconfigured,
                        host + ": no role is attached to this EC2 instance: attach one, or set "
                               "AWS_PROFILE"});
  default:
    return with_remedy({response.status == 401 || response.status == 429 || response.status >= 500
                            ? Errc::transient
                            : Errc::protocol_error,
                        host + ": EC2's metadata service answered HTTP " +
                            std::to_string(response.status) +
                            ": check AWS_EC2_METADATA_SERVICE_ENDPOINT"});
  }
}

// The first line, without blanks.
std::string first_line(std::string_view text)
{
  text = text.substr(0, text.find_first_of("\r\n"));
  const auto first = text.find_first_not_of(' ');
  if (first == std::string_view::npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(' ') - first + 1));
}

// Of a role, as IAM has it: what else would be put into a path.
bool is_role_name(std::string_view text)
{
  return !text.empty() && text.size() <= 128 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("+=,.@_-").find(c) != std::string_view::npos;
  });
}

} // namespace

asio::awaitable<Obtained>
MetadataIssuer::ask_container(AwsSourcePtr source, Secret token, Egress egress)
{
  const auto& endpoint = std::get<ContainerEndpoint>(source->origin);
  if (!endpoint.token_file.empty()) {
    auto read = co_await read_token_file(files_, clock_, endpoint.token_file);
    if (!read) co_return read.error();
    token = std::move(*read);
  }
  HttpRequest request = container_request(endpoint.url, token.reveal());
  request.egress = std::move(egress);
  const auto sent_at = clock_.now();
  const auto response = co_await http_.send(std::move(request));
  if (!response) co_return response.error();
  if (response->status != 200)
    co_return container_refusal(endpoint.url, *response, time_of(*response, clock_));
  Attempt asked;
  asked.host = host_of(endpoint.url);
  co_return read_issued_keys(*response, sent_at, parse_metadata_keys, asked, clock_);
}

// A token of the service may die before its time: then one more is worth a try.
asio::awaitable<Obtained> MetadataIssuer::ask_instance(AwsSourcePtr source)
{
  constexpr unsigned k_token_died = 401;
  const auto& url = std::get<InstanceMetadata>(source->origin).url;
  for (bool again = false;; again = true) {
    const auto token = co_await open_metadata(url);
    if (!token) co_return token.error();
    const auto role = co_await metadata_text(url, "", *token);
    if (!role) co_return role.error();
    if (role->status == k_token_died && !again) continue;
    if (role->status != 200) co_return instance_refusal(url, *role);
    const std::string name = first_line(role->body.reveal());
    if (!is_role_name(name))
      co_return Error{Errc::protocol_error,
                      host_of(url) + ": EC2's metadata service names no role that IAM could have"};
    const auto sent_at = clock_.now();
    const auto keys = co_await metadata_text(url, name, *token);
    if (!keys) co_return keys.error();
    if (keys->status == k_token_died && !again) continue;
    if (keys->status != 200) co_return instance_refusal(url, *keys);
    Attempt asked;
    asked.host = host_of(url);
    co_return read_any_keys(*keys, sent_at, parse_metadata_keys, asked, clock_);
  }
}

asio::awaitable<Result<std::string>> MetadataIssuer::open_metadata(std::string url)
{
  HttpRequest request = metadata_token_request(url);
  const auto opened = co_await http_.send(std::move(request));
  if (!opened) co_return no_instance(url, opened.error());
  if (opened->status == 200) co_return first_line(opened->body.reveal());
  if (opened->status == 404)
    co_return Error{Errc::misconfigured,
                    host_of(url) + ": EC2's metadata service has no version 2 (HTTP 404)"};
  co_return instance_refusal(url, *opened);
}

// What stands below the roles of the instance.
asio::awaitable<Result<HttpResponse>>
MetadataIssuer::metadata_text(std::string url, std::string name, std::string token)
{
  constexpr std::string_view k_credentials = "meta-data/iam/security-credentials/";
  HttpRequest request = metadata_request(url, std::string(k_credentials) + name, token);
  auto response = co_await http_.send(std::move(request));
  if (!response) co_return no_instance(url, response.error());
  co_return response;
}

} // namespace purser::aws
