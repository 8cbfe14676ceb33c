#include "daemon/providers/ecr/ecr_provider.hpp"

#include "daemon/providers/aws/issuer_endpoint.hpp"
#include "daemon/providers/aws/retry.hpp"
#include "daemon/providers/registry_probe.hpp"
#include "daemon/providers/sealed_egress.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <random>
#include <string_view>
#include <utility>

namespace purser::ecr {
namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t k_max_grants = 4096;
constexpr Duration k_grant_age = 1h;
constexpr Duration k_longest_life = 24h; // ECR gives 12 h

// What a request may name that leads to credentials, other than keys.
constexpr std::array<std::string_view, 5> k_named_sources{
    "AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI"};

bool has_keys(const Environment& env)
{
  return env.get("AWS_ACCESS_KEY_ID") || env.get("AWS_SECRET_ACCESS_KEY");
}

bool names_a_source(const Environment& env)
{
  return std::any_of(k_named_sources.begin(), k_named_sources.end(),
                     [&env](std::string_view name) { return env.get(name).has_value(); });
}

// Whether the request's variables hold all of the identity that the rule asks for.
bool brings_all(const Rule& rule, const Environment& env)
{
  if (rule.web_identity) return rule.web_identity->from != WebIdentityRule::From::file;
  return !rule.profile && has_keys(env);
}

// A token that came with an earlier request, and lives longer, is kept: jobs of one identity
// run side by side.
bool is_newer(const aws::AwsSource& source, const aws::AwsSource& known)
{
  return known.stamp != source.stamp && !(source.token_end < known.token_end);
}

Error foreign_error()
{
  return Error{Errc::misconfigured,
               "a request from another mount namespace (a container) may not use this machine's "
               "AWS profiles: add a rule with a \"profile\" for this registry, or set "
               "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY there"};
}

std::optional<aws::RoleRequest> role_of(const Rule& rule)
{
  if (!rule.role_arn) return std::nullopt;
  aws::RoleRequest role;
  role.arn = *rule.role_arn;
  role.session_name = rule.role_session_name.value_or("");
  role.external_id = rule.external_id.value_or("");
  return role;
}

// Absolute; empty where the profile has none.
Result<std::string> ca_bundle_of(const aws::ProfileSettings& settings, const Standpoint& standpoint)
{
  if (settings.ca_bundle.empty()) return std::string();
  return standpoint.absolute(settings.ca_bundle, "ca_bundle of the profile");
}

std::string identity_of(const aws::AwsSource& source,
                        const EcrEndpoint& endpoint,
                        const Egress& egress,
                        const SealingKey& key)
{
  FieldList fields;
  fields.add("ecr").add(endpoint.signing_name()).add(endpoint.region);
  fields.add(std::to_string(endpoint.urls.size()));
  for (const auto& url : endpoint.urls)
    fields.add(url);
  fields.add(source.fingerprint);
  return key.digest(add_egress(fields, egress).text());
}

// "profile prod", "environment": as `status` shows it.
std::string shown_source(const aws::AwsSource& source)
{
  if (source.profile) return "profile " + *source.profile;
  constexpr std::string_view k_article = "the ";
  return source.place.starts_with(k_article) ? source.place.substr(k_article.size()) : source.place;
}

aws::Attempt attempt_of(const aws::AwsSource& source, const EcrEndpoint& endpoint, std::string host)
{
  aws::Attempt attempt;
  attempt.host = std::move(host);
  attempt.place = source.place;
  attempt.check = aws::check_of(source);
  attempt.actions = endpoint.api == Api::ecr
                        ? "ecr:GetAuthorizationToken"
                        : "ecr-public:GetAuthorizationToken and sts:GetServiceBearerToken";
  return attempt;
}

Error refusal(const HttpResponse& response, WallTime now, const aws::Attempt& attempt)
{
  const auto failure = aws::read_failure(response, now);
  spdlog::debug("{}: HTTP {} {}, request {}", attempt.host, failure.status, failure.code,
                failure.request_id);
  return aws::to_error(failure, attempt);
}

} // namespace

EcrProvider::Random EcrProvider::random_fraction()
{
  return [engine = std::mt19937(std::random_device{}())]() mutable {
    return std::uniform_real_distribution<double>(0.0, 1.0)(engine);
  };
}

EcrProvider::EcrProvider(asio::any_io_executor ex,
                         Clock& clock,
                         HttpClient& http,
                         WorkerPool& files,
                         ProgramBroker& programs,
                         Environment own,
                         const SealingKey& key,
                         Random random)
  : clock_(clock)
  , http_(http)
  , key_(key)
  , own_(std::make_shared<const Environment>(std::move(own)))
  , random_(std::move(random))
  , sources_(ex, clock, files, key)
  , signed_http_(clock, http)
  , keys_(std::move(ex), clock, http, signed_http_, files, programs, key, random_)
  , examination_(clock, keys_, signed_http_)
  , grants_(k_max_grants, k_grant_age)
  , known_(key)
{
}

asio::awaitable<Result<Resolved>>
EcrProvider::resolve(Rule rule, RegistryKey key, std::shared_ptr<const Asker> asker)
{
  std::string asked; // the name of the question, which knows of no rule
  if (rule.match.empty() && !examines(*asker)) {
    asked = known_.name(key, *asker);
    if (auto resolved = recall(asked)) co_return std::move(*resolved);
  }
  co_return co_await look_up(std::move(rule), key, std::move(asker), std::move(asked));
}

asio::awaitable<Result<Resolved>> EcrProvider::look_up(Rule rule,
                                                       RegistryKey key,
                                                       std::shared_ptr<const Asker> asker,
                                                       std::string asked)
{
  const auto registry = find_registry(rule, key);
  if (!registry) co_return registry.error();
  const bool may_be_anonymous = rule.anonymous || registry->api == Api::ecr_public;
  const auto standpoint = find_standpoint(rule, asker, may_be_anonymous);
  if (!standpoint) co_return standpoint.error();
  aws::AwsSources::Question question(*standpoint, rule.profile, registry->region,
                                     !may_be_anonymous);
  question.role = role_of(rule);
  question.web_identity = rule.web_identity;
  question.environment = std::move(rule.environment);
  std::string kept_as;
  question.kept_as = &kept_as;
  std::shared_ptr<Diagnosis> heard; // named: GCC 12 would destroy a temporary twice
  if (examines(*asker)) heard = asker->diagnosis;
  const auto source = co_await find_source(std::move(question), std::move(heard));
  if (!source) co_return source.error();

  const auto& settings = (*source)->settings;
  auto endpoint = choose_endpoint(rule, *registry, *standpoint, settings);
  if (!endpoint) co_return endpoint.error();
  const auto ca_bundle = ca_bundle_of(settings, *standpoint);
  if (!ca_bundle) co_return ca_bundle.error();
  const auto egress = find_egress(*standpoint, *ca_bundle);
  if (!egress) co_return egress.error();
  auto resolved = remember(
      Grant{*source, *endpoint, {}, rule.probe ? std::string(key.registry()) : ""}, *egress);
  if (!asked.empty() && resolved && !kept_as.empty())
    known_.put(asked,
               KnownQuestions::Answer{std::move(kept_as), *source, resolved->identity.digest,
                                      resolved->source, resolved->issuer},
               clock_.now());
  if (examines(*asker)) {
    auto sts = aws::choose_issuer(aws::k_sts, settings, *standpoint, registry->region);
    co_await examination_.examine(asker->diagnosis, *source, std::move(*endpoint), *egress,
                                  std::move(sts));
  }
  co_return resolved;
}

asio::awaitable<Result<aws::AwsSourcePtr>>
EcrProvider::find_source(aws::AwsSources::Question question, std::shared_ptr<Diagnosis> diagnosis)
{
  if (diagnosis == nullptr) co_return co_await sources_.resolve(std::move(question));
  aws::ChainTrace trace;
  question.trace = &trace;
  auto source = co_await sources_.resolve(std::move(question));
  tell_sources(*diagnosis, trace);
  co_return source;
}

void EcrProvider::describe(Diagnosis& diagnosis) const
{
  const auto& offsets = signed_http_.offsets().known();
  if (offsets.empty())
    diagnosis.add("clock", Finding::State::good, "no host of AWS was seen to disagree by minutes");
  for (const auto& [host, offset] : offsets) {
    const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(offset).count();
    diagnosis.add("clock", Finding::State::warning,
                  std::to_string(std::abs(minutes)) + " minutes " +
                      (minutes > 0 ? "behind" : "ahead of") + " that of " + host +
                      ", by which is signed: set it right");
  }
}

// A foreign asker's files are not ours to read, and with the daemon's keys it must not
// choose where they are sent: it brings all of an identity, or none of it.
Result<Standpoint> EcrProvider::find_standpoint(const Rule& rule,
                                                const std::shared_ptr<const Asker>& asker,
                                                bool anonymous) const
{
  const auto home = own_->get("HOME");
  if (asker->local || brings_all(rule, asker->env))
    return Standpoint::of_asker(asker, home ? std::optional<std::string>(*home) : std::nullopt);
  if (rule.profile || rule.web_identity) return Standpoint::of_daemon(own_);
  if (anonymous && !names_a_source(asker->env))
    return Error{Errc::not_configured, "there are no AWS credentials in the request"};
  return foreign_error();
}

// Nothing where it has to be looked up: not known, or from files that may have changed since, or
// another request brought a newer token of the same identity.
std::optional<Resolved> EcrProvider::recall(const std::string& question)
{
  const BootTime now = clock_.now();
  const auto* const answer = known_.find(question, now);
  if (answer == nullptr || sources_.recall(answer->kept_as) != answer->source) return std::nullopt;
  const auto* const grant = grants_.find(answer->identity, now);
  if (grant == nullptr || is_newer(*answer->source, *(*grant)->source)) return std::nullopt;
  grants_.touch(answer->identity, now);
  Resolved resolved(Identity(answer->identity), answer->shown);
  resolved.issuer = answer->issuer;
  return resolved;
}

Result<Resolved> EcrProvider::remember(Grant grant, const Egress& egress)
{
  const aws::AwsSource& source = *grant.source;
  Resolved resolved(Identity(identity_of(source, grant.endpoint, egress, key_)),
                    shown_source(source));
  resolved.issuer = aws::host_of(grant.endpoint.urls.front());
  const std::string& digest = resolved.identity.digest;
  const auto* const known = grants_.find(digest, clock_.now());
  resolved.changed = known != nullptr && is_newer(source, *(*known)->source);
  const bool to_probe = known != nullptr && (*known)->probe.empty() && !grant.probe.empty();
  if (known != nullptr && !resolved.changed && !to_probe) {
    grants_.touch(digest, clock_.now());
    return resolved;
  }
  if (resolved.changed) keys_.forgive(grant.source, egress);
  grant.sealed_egress = seal_egress(key_, egress);
  grants_.put(digest, std::make_shared<const Grant>(std::move(grant)), clock_.now());
  return resolved;
}

asio::awaitable<Result<>> EcrProvider::prove(Identity identity, const Token& token)
{
  const auto* const known = grants_.find(identity.digest, clock_.now());
  if (known == nullptr || (*known)->probe.empty()) co_return Result<>{};
  auto egress = open_egress(key_, (*known)->sealed_egress);
  if (!egress) co_return egress.error();
  std::string registry = (*known)->probe;
  co_return co_await probe_registry(http_, std::move(registry), std::move(*egress), token);
}

void EcrProvider::forgive(const Identity& identity)
{
  const auto* const known = grants_.find(identity.digest, clock_.now());
  if (known == nullptr) return;
  const auto egress = open_egress(key_, (*known)->sealed_egress);
  if (egress) keys_.forgive((*known)->source, *egress);
}

asio::awaitable<void> EcrProvider::forget_old()
{
  constexpr Duration k_interval = 1min;
  for (;;) {
    co_await clock_.sleep_until(clock_.now() + k_interval);
    grants_.forget_old(clock_.now());
    sources_.forget_old();
    known_.forget_old(clock_.now());
    keys_.forget_orphans();
  }
}

asio::awaitable<Result<Token>> EcrProvider::fetch(Identity identity)
{
  const auto* const known = grants_.find(identity.digest, clock_.now());
  if (known == nullptr)
    co_return Error{
        Errc::expired_source,
        "the AWS keys of this identity are not held (nobody asked for an hour, or since "
        "the start): the next request brings them again"};
  const auto grant = *known;
  const auto egress = open_egress(key_, grant->sealed_egress);
  if (!egress) co_return egress.error();
  for (int retries = 0;; ++retries) {
    auto keys = co_await keys_.get(grant->source, *egress);
    if (!keys) co_return keys.error(); // the ring tries as often as is of use
    // Where AWS's lists disagree about the name, the attempts take turns.
    const auto& urls = grant->endpoint.urls;
    std::string url = urls.at(static_cast<std::size_t>(retries) % urls.size());
    const std::string key_id = keys->access_key_id;
    auto token = co_await attempt(grant, std::move(*keys), *egress, std::move(url));
    if (token) co_return token;
    if (aws::refuses_keys(token.error().code)) keys_.forget(grant->source, *egress, key_id);
    const auto delay = aws::retry_delay(token.error(), retries, random_());
    if (!delay) co_return token;
    co_await clock_.sleep_until(clock_.now() + *delay);
  }
}

asio::awaitable<Result<Token>> EcrProvider::attempt(std::shared_ptr<const Grant> grant,
                                                    aws::AwsKeys keys,
                                                    Egress egress,
                                                    std::string url)
{
  const std::string host = aws::host_of(url);
  HttpRequest request = token_request(grant->endpoint.api, std::move(url));
  request.egress = std::move(egress);
  aws::SigningScope scope(grant->endpoint.region, std::string(grant->endpoint.signing_name()));
  const auto answer =
      co_await signed_http_.send(std::move(request), std::move(keys), std::move(scope));
  if (!answer) co_return answer.error();
  co_return read(answer->response, *grant, host, answer->sent_at);
}

Result<Token> EcrProvider::read(const HttpResponse& response,
                                const Grant& grant,
                                const std::string& host,
                                BootTime sent)
{
  const WallTime now = aws::time_of(response, clock_);
  const auto asked = attempt_of(*grant.source, grant.endpoint, host);
  if (response.status != 200) return refusal(response, now, asked);
  auto issued = parse_token(grant.endpoint.api, response.body.reveal());
  if (!issued) return refusal(response, now, asked);
  const Duration life = std::min<Duration>(issued->expires_at - now, k_longest_life);
  if (life <= Duration::zero())
    return Error{Errc::protocol_error,
                 host + ": AWS gave a password that has expired already: check the clock"};
  return Token(std::move(issued->username), std::move(issued->password), sent, life);
}

} // namespace purser::ecr
