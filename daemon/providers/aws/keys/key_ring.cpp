#include "daemon/providers/aws/keys/key_ring.hpp"

#include "daemon/providers/aws/retry.hpp"
#include "daemon/providers/sealed_fields.hpp"

#include <utility>

namespace purser::aws {
namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

constexpr std::string_view k_own_context = "aws keys";
constexpr std::string_view k_egress_context = "aws egress";
constexpr Duration k_patience = 30s;

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
  : clock_(clock)
  , key_(key)
  , uniform_(std::move(uniform))
  , sts_(clock, http, signed_http, files)
  , sso_(ex, clock, http, files)
  , metadata_(clock, http, files)
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
asio::awaitable<Obtained> KeyRing::attempt(AwsSourcePtr source, Egress egress, int retries)
{
  const auto& urls = source->issuer.urls;
  std::string url = urls.empty() ? "" : urls.at(static_cast<std::size_t>(retries) % urls.size());
  if (std::holds_alternative<AssumedRole>(source->remote))
    co_return co_await assume(std::move(source), std::move(egress), std::move(url));
  if (std::holds_alternative<WebIdentity>(source->remote))
    co_return co_await sts_.show_web_identity(std::move(source), std::move(egress), std::move(url));
  if (std::holds_alternative<SsoSession>(source->remote))
    co_return co_await sso_.ask_portal(std::move(source), std::move(egress), std::move(url));
  if (std::holds_alternative<InstanceMetadata>(source->remote))
    co_return co_await metadata_.ask_instance(std::move(source));
  Secret token;
  if (!source->sealed_secret.empty()) {
    auto opened = key_.open(source->sealed_secret, k_own_context);
    if (!opened) co_return opened.error();
    token = std::move(*opened);
  }
  co_return co_await metadata_.ask_container(std::move(source), std::move(token),
                                             std::move(egress));
}

asio::awaitable<Obtained> KeyRing::assume(AwsSourcePtr source, Egress egress, std::string url)
{
  auto keys = co_await get(source->base, egress);
  if (!keys) co_return keys.error();
  auto obtained = co_await sts_.assume(source, std::move(*keys), egress, std::move(url));
  if (!obtained &&
      (obtained.error().code == Errc::rejected || obtained.error().code == Errc::expired_source))
    forget(source->base, egress);
  co_return obtained;
}

} // namespace purser::aws
