#include "daemon/tokens/challenge_cache.hpp"

#include "daemon/http/url.hpp"
#include "daemon/providers/sealed_egress.hpp"
#include "daemon/registry/http_date.hpp"
#include "daemon/registry/public_address.hpp"
#include "daemon/tokens/wanted_auth.hpp"

#include <optional>
#include <utility>
#include <vector>

namespace purser {
namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

constexpr Duration k_limit = 5s;
constexpr std::size_t k_max_body = std::size_t{64} << 10;

// Where the API of a registry is: Docker Hub's is not where its name says.
std::string api_host(const std::string& registry)
{
  return registry == "docker.io" ? "registry-1.docker.io" : registry;
}

bool is_loopback(const std::string& registry)
{
  const auto url = parse_url("http://" + registry + "/");
  return url && url->is_loopback();
}

// Of a question over TLS: whether that there is none may be the reason. A server without it answers
// what is no TLS, or closes the connection, or is at the other port. One whose certificate or
// version was refused (unsafe), or that keeps silent, speaks it.
bool may_speak_no_tls(const Error& failure)
{
  return failure.code == Errc::protocol_error || failure.code == Errc::transient;
}

bool is_of_a_registry(const HttpResponse& response)
{
  return response.status == 200 || response.status == 401;
}

Error unexpected(const std::string& registry, const HttpResponse& response, WallTime now)
{
  const std::string who = registry + ": HTTP " + std::to_string(response.status) + " to GET /v2/";
  const auto wait = response.header("Retry-After");
  const auto retry_after = wait ? parse_retry_after(*wait, now) : std::nullopt;
  if (response.status == 429)
    return retry_after ? Error(Errc::throttled, who + ": it is asked too often", *retry_after)
                       : Error(Errc::throttled, who + ": it is asked too often");
  if (response.status >= 500) return Error{Errc::transient, who};
  if (response.status >= 300 && response.status < 400)
    return with_remedy({Errc::unsafe, who +
                                          ": it redirects, which purser does not follow: name the "
                                          "registry that it leads to"});
  if (response.status == 403) return Error{Errc::forbidden, who + ": it serves nobody from here"};
  return with_remedy({Errc::protocol_error, who + ": this is not how a registry answers; check "
                                                  "its name and port"});
}

Result<RegistryAuth> read_challenge(const std::string& registry, const HttpResponse& response)
{
  RegistryAuth auth = wanted_auth(response);
  if (auth.scheme == RegistryAuth::Scheme::none)
    return Error{Errc::protocol_error,
                 registry + " wants credentials and does not say of which kind"};
  if (auth.scheme == RegistryAuth::Scheme::unknown)
    return with_remedy({Errc::protocol_error, registry + " wants to be shown who asks by " +
                                                  auth.offered +
                                                  ", and purser knows Bearer and Basic only"});
  return auth;
}

} // namespace

ChallengeCache::ChallengeCache(asio::any_io_executor ex,
                               Clock& clock,
                               HttpClient& http,
                               Uniform uniform,
                               const SealingKey& key)
  : clock_(clock)
  , http_(http)
  , key_(key)
  , challenges_(
        std::move(ex),
        clock,
        std::move(uniform),
        [this](Key wanted) { return fetch(std::move(wanted)); },
        [](const Key& wanted) { return wanted.place.registry; },
        k_max)
{
}

ChallengeCache::Key ChallengeCache::key_of(RegistryPlace place, const Egress& egress) const
{
  FieldList fields;
  return Key{std::move(place), key_.digest(add_egress(fields, egress).text()),
             seal_egress(key_, egress)};
}

asio::awaitable<Result<ChallengePtr>>
ChallengeCache::get(RegistryPlace place, Egress egress, Duration patience)
{
  Key key = key_of(std::move(place), egress);
  const Demand demand(patience, Duration::zero());
  co_return co_await challenges_.get(std::move(key), demand);
}

void ChallengeCache::forget(std::string_view registry)
{
  std::vector<Key> known;
  challenges_.visit([&known, registry](const Key& key, const RenewalView&) {
    if (key.place.registry == registry) known.push_back(key);
  });
  for (const Key& key : known)
    challenges_.erase(key);
}

asio::awaitable<Result<Fetched<ChallengePtr>>> ChallengeCache::fetch(Key key)
{
  const std::string host = api_host(key.place.registry);
  const BootTime begun = clock_.now();
  std::string base = (key.place.plain_http ? "http://" : "https://") + host;
  auto response = co_await ask(base, key);
  // One that answered over TLS, whatever it was, is not asked without.
  if (!response && !key.place.plain_http && is_loopback(key.place.registry) &&
      may_speak_no_tls(response.error())) {
    std::string without = "http://" + host;
    auto plain = co_await ask(without, key);
    // Where that is no registry either, what TLS said is nearer to the cause.
    if (response.error().code == Errc::protocol_error || (plain && is_of_a_registry(*plain))) {
      base = std::move(without);
      response = std::move(plain);
    }
  }
  if (!response) co_return response.error();
  auto challenge = judge(key.place, *response);
  if (!challenge) co_return challenge.error();
  (*challenge)->base = std::move(base);
  co_return Fetched<ChallengePtr>(std::move(*challenge), begun, k_life);
}

asio::awaitable<Result<HttpResponse>> ChallengeCache::ask(std::string base, const Key& key)
{
  const std::string& repository = key.place.repository;
  auto egress = open_egress(key_, key.sealed);
  if (!egress) co_return egress.error();
  HttpRequest request("GET",
                      base + "/v2/" + (repository.empty() ? "" : repository + "/tags/list?n=1"));
  request.egress = std::move(*egress);
  request.limit = k_limit;
  request.max_body = k_max_body;
  co_return co_await http_.send(std::move(request));
}

Result<std::shared_ptr<RegistryChallenge>> ChallengeCache::judge(const RegistryPlace& place,
                                                                 const HttpResponse& response) const
{
  auto challenge = std::make_shared<RegistryChallenge>();
  challenge->is_public = !response.peer || is_public_address(*response.peer);
  if (response.status == 401) {
    auto auth = read_challenge(place.registry, response);
    if (!auth) return auth.error();
    challenge->auth = std::move(*auth);
  } else if (response.status != 200 && place.repository.empty()) {
    return unexpected(place.registry, response, clock_.wall());
  }
  return challenge;
}

} // namespace purser
