#include "daemon/tokens/registry_caller.hpp"

#include "daemon/http/url.hpp"
#include "daemon/registry/server_words.hpp"
#include "daemon/tokens/wanted_auth.hpp"

#include <chrono>
#include <utility>
#include <vector>

namespace purser {
namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

constexpr Duration k_limit = 8s;
constexpr std::size_t k_max_body = std::size_t{1} << 20; // some ignore that one tag is enough
// Of no content: a digest that nothing has.
constexpr std::string_view k_nothing =
    "sha256:0000000000000000000000000000000000000000000000000000000000000000";

HttpRequest request_for(Action action, const std::string& base, const std::string& repository)
{
  const std::string api = base + "/v2/";
  switch (action) {
  case Action::login: return {"GET", api};
  case Action::pull: return {"GET", api + repository + "/tags/list?n=1"};
  case Action::push: return {"POST", api + repository + "/blobs/uploads/"};
  case Action::remove: return {"DELETE", api + repository + "/manifests/" + std::string(k_nothing)};
  case Action::catalog: return {"GET", api + "_catalog?n=1"};
  }
  return {"GET", api};
}

// Whoever says that something is not there has looked.
bool is_allowed(Action action, unsigned status)
{
  if (status >= 200 && status < 300) return true;
  return status == 404 && (action == Action::pull || action == Action::remove);
}

std::string text_of(const WipingBuffer& value)
{
  return {value.data(), value.size()};
}

// The URL of an upload; empty where it is none of the registry's own, which gets no credential.
std::string own_url(const std::string& base, const std::string& location)
{
  const std::string text = location.starts_with('/') ? base + location : location;
  const auto url = parse_url(text);
  const auto own = parse_url(base + "/");
  const bool same = url && own && url->authority() == own->authority() && url->tls == own->tls;
  return same ? text : std::string();
}

} // namespace

asio::awaitable<Result<RegistryAnswer>> RegistryCaller::try_action(
    std::string base, std::string repository, Action action, AccessToken access, Egress egress)
{
  HttpRequest request = request_for(action, base, repository);
  std::string authorization = text_of(access.authorization());
  if (!authorization.empty()) request.headers.push_back(HttpHeader{"Authorization", authorization});
  request.egress = egress;
  request.limit = k_limit;
  request.max_body = k_max_body;
  const auto response = co_await http_.send(std::move(request));
  if (!response) co_return response.error();

  std::vector<std::string_view> secrets;
  if (!access.token.empty()) secrets.push_back(access.token.reveal());
  std::string words = is_allowed(action, response->status)
                          ? std::string()
                          : server_words(response->body.reveal(), secrets);
  RegistryAnswer answer(response->status, std::move(access));
  answer.allowed = is_allowed(action, response->status);
  answer.error = wanted_auth(*response).error;
  answer.words = std::move(words);
  const auto location = response->header("Location");
  if (action == Action::push && answer.allowed && location)
    co_await give_up_upload(std::move(base), std::string(*location), std::move(authorization),
                            std::move(egress));
  co_return answer;
}

// Registries drop it some day where this fails.
asio::awaitable<void> RegistryCaller::give_up_upload(std::string base,
                                                     std::string location,
                                                     std::string authorization,
                                                     Egress egress)
{
  const std::string url = own_url(base, location);
  if (url.empty()) co_return;
  HttpRequest request("DELETE", url);
  if (!authorization.empty())
    request.headers.push_back(HttpHeader{"Authorization", std::move(authorization)});
  request.egress = std::move(egress);
  request.limit = k_limit;
  (void)co_await http_.send(std::move(request));
}

} // namespace purser
