#include "daemon/providers/aws/keys/key_ring.hpp"

#include "daemon/providers/aws/retry.hpp"
#include "daemon/providers/sealed_egress.hpp"
#include "daemon/providers/sealed_fields.hpp"

#include <spdlog/spdlog.h>

#include <utility>
#include <vector>

namespace purser::aws {
namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

constexpr std::string_view k_own_context = "aws keys";
constexpr Duration k_patience = 30s;
constexpr std::size_t k_max_instances = 64;
constexpr Duration k_longest_without_newer = 24h;

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

} // namespace

std::string seal_own_keys(const SealingKey& key, const AwsKeys& keys)
{
  FieldList fields;
  return key.seal(add_keys(fields, keys).text(), k_own_context);
}

std::string seal_means(const SealingKey& key, const Secret& means)
{
  return key.seal(means.reveal(), k_own_context);
}

bool refuses_keys(Errc code)
{
  return code == Errc::rejected || code == Errc::expired_source;
}

KeyRing::KeyRing(asio::any_io_executor ex,
                 Clock& clock,
                 HttpClient& http,
                 SignedClient& signed_http,
                 WorkerPool& files,
                 ProgramBroker& programs,
                 const SealingKey& key,
                 Uniform uniform)
  : clock_(clock)
  , key_(key)
  , uniform_(std::move(uniform))
  , sts_(clock, http, signed_http, files)
  , sso_(ex, clock, http, files, programs)
  , login_(ex, clock, http, files, programs)
  , metadata_(clock, http, files)
  , process_(clock, programs)
  , given_(k_max_instances, k_longest_without_newer)
  , kept_(
        std::move(ex),
        clock,
        uniform_,
        [this](Wanted what) { return fetch(std::move(what)); },
        issuer_of,
        k_max_sources)
{
}

KeyRing::Wanted KeyRing::wanted(const AwsSourcePtr& source, const Egress& egress) const
{
  FieldList fields;
  add_egress(fields, egress).add("aws source").add(source->fingerprint);
  return Wanted{key_.digest(fields.text()), source, seal_egress(key_, egress)};
}

asio::awaitable<Result<AwsKeys>> KeyRing::get(AwsSourcePtr source, Egress egress)
{
  if (source->has_keys()) co_return open_keys(key_, source->sealed_secret, k_own_context);
  auto what = wanted(source, egress);
  const std::string digest = what.digest;
  kept_.adopt(what);
  // What is derived from them outlives them: how long they live is no matter.
  const Demand demand(k_patience, Duration::zero());
  const auto sealed = co_await kept_.get(std::move(what), demand);
  if (!sealed) co_return sealed.error();
  co_return open_keys(key_, **sealed, digest);
}

void KeyRing::forget(const AwsSourcePtr& source,
                     const Egress& egress,
                     const std::string& access_key_id)
{
  if (source->has_keys()) return;
  const auto what = wanted(source, egress);
  const auto refused = [this, &what, &access_key_id](const SealedPtr& sealed) {
    const auto keys = open_keys(key_, *sealed, what.digest);
    return !keys || keys->access_key_id == access_key_id;
  };
  const auto* const given = given_.find(what.digest, clock_.now());
  if (given != nullptr && refused(given->sealed)) given_.erase(what.digest);
  kept_.erase_if(what, refused);
}

std::string KeyRing::issuer_of(const Wanted& wanted)
{
  const auto source = wanted.source.lock();
  if (source == nullptr || source->issuer.urls.empty()) return {};
  return host_of(source->issuer.urls.front());
}

void KeyRing::forgive(const AwsSourcePtr& source, const Egress& egress)
{
  if (!source->has_keys()) {
    const auto what = wanted(source, egress);
    kept_.adopt(what);
    kept_.forgive(what);
  }
  if (source->base) forgive(source->base, egress);
}

void KeyRing::forget_orphans()
{
  std::vector<Wanted> orphans;
  kept_.visit([&orphans](const Wanted& wanted, const RenewalView& view) {
    if (!view.in_flight && wanted.source.expired()) orphans.push_back(wanted);
  });
  for (const auto& orphan : orphans) {
    given_.erase(orphan.digest);
    kept_.erase(orphan);
  }
  given_.forget_old(clock_.now());
}

asio::awaitable<Result<Fetched<KeyRing::SealedPtr>>> KeyRing::fetch(Wanted wanted)
{
  const auto egress = open_egress(key_, wanted.sealed_egress);
  if (!egress) co_return egress.error();
  const auto source = wanted.source.lock();
  if (source == nullptr)
    co_return Error{Errc::expired_source,
                    "these AWS credentials are forgotten, since nobody asked for an hour: the next "
                    "request brings them again"};
  for (int retries = 0;; ++retries) {
    AwsKeys base;
    if (source->base) {
      auto keys = co_await get(source->base, *egress);
      if (!keys) co_return keys.error(); // tried as often as is of use
      base = std::move(*keys);
    }
    const std::string base_id = base.access_key_id;
    auto obtained = co_await attempt(source, std::move(base), *egress, retries);
    if (std::holds_alternative<InstanceMetadata>(source->origin))
      co_return given_by_instance(wanted, obtained);
    if (obtained)
      co_return Fetched<SealedPtr>(sealed(wanted, obtained->value.keys), obtained->sent_at,
                                   obtained->life);
    if (source->base && refuses_keys(obtained.error().code)) forget(source->base, *egress, base_id);
    // A program may ask a person for something, and that once.
    const bool once = std::holds_alternative<CredentialProcess>(source->origin);
    const auto delay = once ? std::nullopt : retry_delay(obtained.error(), retries, uniform_());
    if (!delay) co_return obtained.error();
    co_await clock_.sleep_until(clock_.now() + *delay);
  }
}

KeyRing::SealedPtr KeyRing::sealed(const Wanted& wanted, const AwsKeys& keys) const
{
  FieldList fields;
  return std::make_shared<const std::string>(
      key_.seal(add_keys(fields, keys).text(), wanted.digest));
}

// An instance is asked once: its time-outs say that nobody is there, and are long enough. How
// much longer its keys count is as in botocore and in AWS's SDK for Rust.
Result<Fetched<KeyRing::SealedPtr>> KeyRing::given_by_instance(const Wanted& wanted,
                                                               const Obtained& obtained)
{
  constexpr Duration k_longer = 10min;
  constexpr Duration k_jitter = 5min;
  const auto now = clock_.now();
  if (obtained && obtained->life > Duration::zero()) {
    Given given{sealed(wanted, obtained->value.keys), obtained->sent_at + obtained->life};
    given_.put(wanted.digest, given, now);
    return Fetched<SealedPtr>(std::move(given.sealed), obtained->sent_at, obtained->life);
  }
  if (!obtained && !is_temporary(obtained.error().code)) return obtained.error();
  const auto* const last = given_.find(wanted.digest, now);
  if (!obtained && last == nullptr) return obtained.error();
  if (last != nullptr && last->expires_at - now > k_longer)
    return obtained ? Error{Errc::transient, "EC2's metadata service gave keys that have expired"}
                    : obtained.error();
  spdlog::warn("EC2's metadata service has no newer keys ({}): those that are there stay in use",
               obtained ? "they have expired" : obtained.error().what);
  const auto jitter = std::chrono::duration_cast<Duration>(k_jitter * uniform_());
  return Fetched<SealedPtr>(last != nullptr ? last->sealed : sealed(wanted, obtained->value.keys),
                            now, k_longer + jitter);
}

// Where AWS's lists disagree about a name, the attempts take turns.
asio::awaitable<Obtained>
KeyRing::attempt(AwsSourcePtr source, AwsKeys base, Egress egress, int retries)
{
  const auto& urls = source->issuer.urls;
  std::string url = urls.empty() ? "" : urls.at(static_cast<std::size_t>(retries) % urls.size());
  if (std::holds_alternative<AssumedRole>(source->origin))
    co_return co_await sts_.assume(std::move(source), std::move(base), std::move(egress),
                                   std::move(url));
  if (std::holds_alternative<SsoSession>(source->origin))
    co_return co_await sso_.ask_portal(std::move(source), std::move(egress), std::move(url));
  if (std::holds_alternative<LoginSession>(source->origin))
    co_return co_await login_.get(std::move(source), std::move(egress), std::move(url));
  if (std::holds_alternative<InstanceMetadata>(source->origin))
    co_return co_await metadata_.ask_instance(std::move(source));
  Secret means;
  if (!source->sealed_secret.empty()) {
    auto opened = key_.open(source->sealed_secret, k_own_context);
    if (!opened) co_return opened.error();
    means = std::move(*opened);
  }
  if (web_identity_role(source->origin) != nullptr)
    co_return co_await sts_.show_web_identity(std::move(source), std::move(means),
                                              std::move(egress), std::move(url));
  if (std::holds_alternative<CredentialProcess>(source->origin))
    co_return co_await process_.run(std::move(source), std::move(means));
  co_return co_await metadata_.ask_container(std::move(source), std::move(means),
                                             std::move(egress));
}

} // namespace purser::aws
