#include "daemon/providers/aws/keys/key_ring.hpp"

#include "daemon/async/timeout.hpp"
#include "daemon/providers/aws/chain.hpp"
#include "daemon/providers/aws/endpoint.hpp"
#include "daemon/providers/aws/keys/metadata_messages.hpp"
#include "daemon/providers/aws/keys/sso_messages.hpp"
#include "daemon/providers/aws/keys/sts_messages.hpp"
#include "daemon/providers/aws/keys/token_file.hpp"
#include "daemon/providers/aws/retry.hpp"
#include "daemon/providers/sealed_fields.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

namespace purser::aws {
namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

constexpr std::string_view k_own_context = "aws keys";
constexpr std::string_view k_egress_context = "aws egress";
constexpr Duration k_patience = 30s;
constexpr Duration k_file_limit = 6s;
constexpr Duration k_sso_margin = 5min; // a SSO session is renewed when it has less left
constexpr Duration k_longest_life = 24h;
constexpr Duration k_life_unsaid = 1h; // keys that nobody gave an end are asked for again

FieldList& add_keys(FieldList& fields, const AwsKeys& keys)
{
  return fields.add(keys.access_key_id).add(keys.secret.reveal()).add(keys.session_token.reveal());
}

Result<AwsKeys> open_keys(const SealingKey& key, std::string_view sealed, std::string_view context)
{
  const auto fields = SealedFields::open(key, sealed, context, 3);
  if (!fields) return fields.error();
  return AwsKeys(std::string(fields->at(0)), Secret(fields->at(1)), Secret(fields->at(2)));
}

std::string check_of(const AwsSource& source)
{
  std::string check = "aws sts get-caller-identity";
  if (source.profile) check += " --profile " + *source.profile;
  return check;
}

std::string shown_code(const Failure& failure)
{
  return failure.code.empty() ? "HTTP " + std::to_string(failure.status) : failure.code;
}

Error container_refusal(const std::string& url, const HttpResponse& response, WallTime now)
{
  const auto failure = read_failure(response, now);
  const std::string code = shown_code(failure);
  Error error(failure.kind, host_of(url) +
                                ": the endpoint of the container's credentials refused (" + code +
                                "): check the role of the task (ECS) or the pod identity "
                                "association (EKS)");
  error.retry_after = failure.retry_after;
  return error;
}

Error login_error(const SsoSession& session, std::string_view why)
{
  return Error{Errc::interaction_required, "the SSO session of profile \"" + session.profile +
                                               "\" " + std::string(why) +
                                               ": run: aws sso login --profile " + session.profile};
}

Result<bool>
write_token(const std::string& path, const SsoToken& old, const RenewedSsoToken& renewed)
{
  const auto written = write_sso_token(path, old.refresh_token.reveal(), renewed);
  if (!written) return written.error();
  return true;
}

Error no_instance(const std::string& url, const Error& cause)
{
  return Error{cause.code, no_credentials().what + " (EC2's metadata service at " + host_of(url) +
                               " does not answer: " + cause.what +
                               "; in a container on EC2, the hop limit of the instance's metadata "
                               "has to be 2)"};
}

Error instance_refusal(const std::string& url, const HttpResponse& response)
{
  const std::string host = host_of(url);
  switch (response.status) {
  case 403:
    return Error{Errc::forbidden, host + ": EC2's metadata are switched off for this instance "
                                         "(HTTP 403): switch them on, or set AWS_PROFILE"};
  case 404:
    return Error{Errc::misconfigured,
                 host + ": no role is attached to this EC2 instance: attach one, or set "
                        "AWS_PROFILE"};
  default:
    return Error{response.status == 401 || response.status == 429 || response.status >= 500
                     ? Errc::transient
                     : Errc::protocol_error,
                 host + ": EC2's metadata service answered HTTP " +
                     std::to_string(response.status) + ": check AWS_EC2_METADATA_SERVICE_ENDPOINT"};
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

std::string seal_own_keys(const SealingKey& key, const AwsKeys& keys)
{
  FieldList fields;
  return key.seal(add_keys(fields, keys).text(), k_own_context);
}

std::string seal_container_token(const SealingKey& key, const Secret& token)
{
  return token.empty() ? std::string() : key.seal(token.reveal(), k_own_context);
}

KeyRing::KeyRing(asio::any_io_executor ex,
                 Clock& clock,
                 HttpClient& http,
                 SignedClient& signed_http,
                 WorkerPool& files,
                 const SealingKey& key,
                 Uniform uniform)
  : ex_(ex)
  , clock_(clock)
  , http_(http)
  , signed_http_(signed_http)
  , files_(files)
  , key_(key)
  , uniform_(std::move(uniform))
  , kept_(
        std::move(ex),
        clock,
        uniform_,
        [this](Wanted what) { return fetch(std::move(what)); },
        k_max_sources)
{
}

KeyRing::Wanted KeyRing::wanted(const AwsSourcePtr& source, const Egress& egress) const
{
  FieldList fields;
  fields.add(egress.https_proxy).add(egress.http_proxy).add(egress.no_proxy);
  fields.add(egress.ca_file).add(egress.ca_dir);
  std::string sealed = key_.seal(fields.text(), k_egress_context);
  fields.add("aws source").add(source->fingerprint);
  return Wanted{key_.digest(fields.text()), source, std::move(sealed)};
}

asio::awaitable<Result<AwsKeys>> KeyRing::get(AwsSourcePtr source, Egress egress)
{
  if (source->has_keys()) co_return open_keys(key_, source->sealed_secret, k_own_context);
  auto what = wanted(source, egress);
  const std::string digest = what.digest;
  const auto sealed = co_await kept_.get(std::move(what), k_patience);
  if (!sealed) co_return sealed.error();
  co_return open_keys(key_, **sealed, digest);
}

void KeyRing::forget(const AwsSourcePtr& source, const Egress& egress)
{
  if (!source->has_keys()) kept_.erase(wanted(source, egress));
}

void KeyRing::forgive(const AwsSourcePtr& source, const Egress& egress)
{
  if (!source->has_keys()) kept_.forgive(wanted(source, egress));
  if (source->base) forgive(source->base, egress);
}

asio::awaitable<Result<Fetched<KeyRing::SealedPtr>>> KeyRing::fetch(Wanted wanted)
{
  const auto fields = SealedFields::open(key_, wanted.sealed_egress, k_egress_context, 5);
  if (!fields) co_return fields.error();
  Egress egress;
  egress.https_proxy = fields->at(0);
  egress.http_proxy = fields->at(1);
  egress.no_proxy = fields->at(2);
  egress.ca_file = fields->at(3);
  egress.ca_dir = fields->at(4);

  if (wanted.source->base) { // which tries as often as is of use
    const auto base = co_await get(wanted.source->base, egress);
    if (!base) co_return base.error();
  }
  // Its time-outs say that nobody is there, and are long enough once.
  const bool once = std::holds_alternative<InstanceMetadata>(wanted.source->remote);
  for (int retries = 0;; ++retries) {
    auto obtained = co_await attempt(wanted.source, egress, retries);
    if (obtained) {
      FieldList keys;
      auto sealed = std::make_shared<const std::string>(
          key_.seal(add_keys(keys, obtained->value.keys).text(), wanted.digest));
      co_return Fetched<SealedPtr>(std::move(sealed), obtained->sent_at, obtained->life);
    }
    const auto delay = once ? std::nullopt : retry_delay(obtained.error(), retries, uniform_());
    if (!delay) co_return obtained.error();
    co_await clock_.sleep_until(clock_.now() + *delay);
  }
}

// Where AWS's lists disagree about a name, the attempts take turns.
asio::awaitable<KeyRing::Obtained> KeyRing::attempt(AwsSourcePtr source, Egress egress, int retries)
{
  const auto& urls = source->issuer.urls;
  std::string url = urls.empty() ? "" : urls.at(static_cast<std::size_t>(retries) % urls.size());
  if (std::holds_alternative<AssumedRole>(source->remote))
    co_return co_await assume(std::move(source), std::move(egress), std::move(url));
  if (std::holds_alternative<WebIdentity>(source->remote))
    co_return co_await show_web_identity(std::move(source), std::move(egress), std::move(url));
  if (std::holds_alternative<SsoSession>(source->remote))
    co_return co_await ask_portal(std::move(source), std::move(egress), std::move(url));
  if (std::holds_alternative<ContainerEndpoint>(source->remote))
    co_return co_await ask_container(std::move(source), std::move(egress));
  co_return co_await ask_instance(std::move(source));
}

asio::awaitable<KeyRing::Obtained>
KeyRing::assume(AwsSourcePtr source, Egress egress, std::string url)
{
  auto role = std::get<AssumedRole>(source->remote).role;
  // As AWS has it for a session that asks for another one.
  if (!source->base->has_keys()) role.duration = std::min<std::chrono::seconds>(role.duration, 1h);
  auto keys = co_await get(source->base, egress);
  if (!keys) co_return keys.error();
  Attempt asked;
  asked.host = host_of(url);
  asked.place = source->base->place;
  asked.check = check_of(*source->base);
  asked.actions = "sts:AssumeRole on " + role.arn + " (and in the trust policy of that role)";
  HttpRequest request = assume_role_request(std::move(url), role, session_name());
  request.egress = egress;
  SigningScope scope(source->issuer.region, std::string(k_sts.signing_name));
  const auto answer =
      co_await signed_http_.send(std::move(request), std::move(*keys), std::move(scope));
  if (!answer) co_return answer.error();
  auto obtained = read(answer->response, answer->sent_at, parse_sts_keys, asked);
  if (!obtained &&
      (obtained.error().code == Errc::rejected || obtained.error().code == Errc::expired_source))
    forget(source->base, egress);
  co_return obtained;
}

asio::awaitable<KeyRing::Obtained>
KeyRing::show_web_identity(AwsSourcePtr source, Egress egress, std::string url)
{
  const auto& identity = std::get<WebIdentity>(source->remote);
  const auto token = co_await read_token(identity.token_file);
  if (!token) co_return token.error();
  Attempt asked;
  asked.host = host_of(url);
  asked.credential = "web identity token";
  asked.place = identity.token_file;
  asked.actions =
      "sts:AssumeRoleWithWebIdentity for its issuer and subject in the trust policy of " +
      identity.role.arn;
  HttpRequest request = web_identity_request(std::move(url), identity.role, session_name(), *token);
  request.egress = std::move(egress);
  const auto sent_at = clock_.now();
  const auto response = co_await http_.send(std::move(request));
  if (!response) co_return response.error();
  co_return read(*response, sent_at, parse_sts_keys, asked);
}

asio::awaitable<KeyRing::Obtained>
KeyRing::ask_portal(AwsSourcePtr source, Egress egress, std::string url)
{
  const auto& session = std::get<SsoSession>(source->remote);
  const auto token = co_await live_sso_token(source, egress);
  if (!token) co_return token.error();
  Attempt asked;
  asked.host = host_of(url);
  asked.credential = "SSO user";
  asked.place = source->place;
  asked.actions = "role " + session.role_name + " of account " + session.account_id;
  HttpRequest request = role_credentials_request(std::move(url), session, token->access_token);
  request.egress = std::move(egress);
  const auto sent_at = clock_.now();
  const auto response = co_await http_.send(std::move(request));
  if (!response) co_return response.error();
  if (response->status == 401) co_return login_error(session, "was ended by AWS");
  if (response->status == 403 || response->status == 404)
    co_return Error{Errc::forbidden,
                    asked.host + ": the SSO user of " + source->place + " has no role " +
                        session.role_name + " in account " + session.account_id + " (" +
                        shown_code(read_failure(*response, time_of(*response, clock_))) +
                        "): have it assigned in IAM Identity Center, or correct the profile"};
  co_return read(*response, sent_at, parse_role_credentials, asked);
}

// The aws command and others use and renew the same file, and so do other roles of ours: a
// refresh token is good once.
asio::awaitable<Result<SsoToken>> KeyRing::live_sso_token(AwsSourcePtr source, Egress egress)
{
  const auto& session = std::get<SsoSession>(source->remote);
  for (;;) {
    auto token = co_await read_sso(session);
    if (!token) co_return token.error();
    const WallTime now = clock_.wall();
    if (!session.renewable || token->expires_at - now > k_sso_margin || !token->renewable(now)) {
      if (token->expires_at <= now) co_return login_error(session, "has ended");
      co_return token;
    }
    if (const auto other = renewals_.find(session.token_file); other != renewals_.end()) {
      const auto done = other->second;
      co_await done->wait();
      continue; // to what the other has written
    }
    const auto done = std::make_shared<Event>(ex_);
    renewals_.emplace(session.token_file, done);
    const auto shared = std::make_shared<const SsoToken>(std::move(*token));
    auto renewed = co_await contained(renew_sso_token(source, egress, shared));
    renewals_.erase(session.token_file);
    done->set();
    if (renewed) co_return std::move(*renewed);
    co_return co_await sso_token_after(session, shared, renewed.error());
  }
}

asio::awaitable<Result<SsoToken>> KeyRing::read_sso(SsoSession session)
{
  auto job = [path = session.token_file] { return read_sso_token(path); };
  auto read = co_await with_timeout(clock_, k_file_limit,
                                    files_.run<std::optional<SsoToken>>(std::move(job)));
  if (!read) co_return read.error();
  if (!*read) co_return login_error(session, "is not there");
  co_return std::move(**read);
}

// The renewal failed: somebody may have logged in meanwhile, and the old one may be alive.
asio::awaitable<Result<SsoToken>>
KeyRing::sso_token_after(SsoSession session, std::shared_ptr<const SsoToken> old, Error failure)
{
  auto token = co_await read_sso(session);
  if (!token) co_return token.error();
  if (token->expires_at > clock_.wall()) co_return token;
  const bool same = token->access_token == old->access_token;
  if (same && is_temporary(failure.code)) co_return failure;
  co_return login_error(session, "cannot be renewed");
}

asio::awaitable<Result<SsoToken>>
KeyRing::renew_sso_token(AwsSourcePtr source, Egress egress, std::shared_ptr<const SsoToken> token)
{
  Attempt asked;
  asked.host = host_of(source->sso_oidc_url);
  asked.credential = "SSO session";
  asked.place = source->place;
  HttpRequest request = create_token_request(source->sso_oidc_url, *token);
  request.egress = std::move(egress);
  const auto response = co_await http_.send(std::move(request));
  if (!response) co_return response.error();
  const WallTime now = time_of(*response, clock_);
  if (response->status != 200) co_return to_error(read_failure(*response, now), asked);
  auto renewed = parse_created_token(response->body.reveal(), clock_.wall());
  if (!renewed) co_return renewed.error();
  const auto shared = std::make_shared<RenewedSsoToken>(std::move(*renewed));
  auto job = [path = std::get<SsoSession>(source->remote).token_file, token, shared] {
    return write_token(path, *token, *shared);
  };
  const auto written =
      co_await with_timeout(clock_, k_file_limit, files_.run<bool>(std::move(job)));
  if (!written)
    spdlog::warn("the renewed SSO session of {} could not be written: {}", source->place,
                 written.error().what);
  SsoToken result;
  result.access_token = shared->access_token.clone();
  result.expires_at = shared->expires_at;
  co_return result;
}

asio::awaitable<KeyRing::Obtained> KeyRing::ask_container(AwsSourcePtr source, Egress egress)
{
  const auto& endpoint = std::get<ContainerEndpoint>(source->remote);
  Secret token;
  if (!endpoint.token_file.empty()) {
    auto read = co_await read_token(endpoint.token_file);
    if (!read) co_return read.error();
    token = std::move(*read);
  } else if (!source->sealed_secret.empty()) {
    auto opened = key_.open(source->sealed_secret, k_own_context);
    if (!opened) co_return opened.error();
    token = std::move(*opened);
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
  co_return read(*response, sent_at, parse_metadata_keys, asked);
}

// A token of the service may die before its time: then one more is worth a try.
asio::awaitable<KeyRing::Obtained> KeyRing::ask_instance(AwsSourcePtr source)
{
  constexpr unsigned k_token_died = 401;
  const auto& url = std::get<InstanceMetadata>(source->remote).url;
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
    co_return read(*keys, sent_at, parse_metadata_keys, asked);
  }
}

asio::awaitable<Result<std::string>> KeyRing::open_metadata(std::string url)
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
KeyRing::metadata_text(std::string url, std::string name, std::string token)
{
  constexpr std::string_view k_credentials = "meta-data/iam/security-credentials/";
  HttpRequest request = metadata_request(url, std::string(k_credentials) + name, token);
  auto response = co_await http_.send(std::move(request));
  if (!response) co_return no_instance(url, response.error());
  co_return response;
}

asio::awaitable<Result<Secret>> KeyRing::read_token(std::string path)
{
  auto job = [path] { return read_token_file(path); };
  auto token = co_await with_timeout(clock_, k_file_limit, files_.run<Secret>(std::move(job)));
  if (!token && token.error().code == Errc::timeout)
    co_return Error{Errc::timeout,
                    "reading " + path + " takes too long: check the disk or network it is on"};
  co_return token;
}

KeyRing::Obtained KeyRing::read(const HttpResponse& response,
                                BootTime sent_at,
                                Result<IssuedKeys> (*parse)(std::string_view),
                                const Attempt& asked) const
{
  const WallTime now = time_of(response, clock_);
  if (response.status != 200) return to_error(read_failure(response, now), asked);
  auto issued = parse(response.body.reveal());
  if (!issued) return Error{issued.error().code, asked.host + ": " + issued.error().what};
  const Duration life = issued->expires_at
                            ? std::min<Duration>(*issued->expires_at - now, k_longest_life)
                            : k_life_unsaid;
  if (life <= Duration::zero())
    return Error{Errc::protocol_error,
                 asked.host + ": gave keys that have expired already: check the clock"};
  return Fetched<IssuedKeys>(std::move(*issued), sent_at, life);
}

// As CloudTrail shows it.
std::string KeyRing::session_name() const
{
  const auto seconds =
      std::chrono::duration_cast<std::chrono::seconds>(clock_.wall().time_since_epoch());
  return "purser-" + std::to_string(seconds.count());
}

} // namespace purser::aws
