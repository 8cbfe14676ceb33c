#include "daemon/providers/aws/keys/process_issuer.hpp"

#include "daemon/formats/iso_time.hpp"
#include "daemon/formats/wiped_json.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace purser::aws {
namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

// A little less than a flight may take, so that whoever waits for it learns the reason.
constexpr Duration k_limit = 58s;
// Keys without an end are asked for again after a day, or when AWS refuses them.
constexpr Duration k_life_unsaid = 24h;

Error wrote(const std::string& what)
{
  return with_remedy(
      {Errc::protocol_error, "wrote " + what +
                                 ": have it write Version 1, AccessKeyId, SecretAccessKey "
                                 "and, for keys that end, SessionToken and Expiration"});
}

} // namespace

Result<IssuedKeys> parse_process_keys(std::string_view output)
{
  const WipedJson json(output);
  if (!json.is_object()) return wrote("something other than one JSON object");
  if (json.number("Version") != 1) return wrote("another Version than 1");
  const auto id = json.text("AccessKeyId");
  const auto secret = json.text("SecretAccessKey");
  if (id.empty() || secret.empty()) return wrote("no AccessKeyId or no SecretAccessKey");
  KeyTexts texts{id, secret, std::nullopt};
  if (const auto token = json.text("SessionToken"); !token.empty()) texts.session_token = token;
  auto keys = make_keys(texts, "the output");
  if (!keys || !*keys) return wrote("keys that are none");
  const auto expiration = json.text("Expiration");
  const auto expires_at = parse_iso_time(expiration);
  if (!expiration.empty() && !expires_at) return wrote("an Expiration that is no time");
  return IssuedKeys(std::move(**keys), expires_at);
}

asio::awaitable<Obtained> ProcessIssuer::run(AwsSourcePtr source, Secret program)
{
  const std::string name =
      source->place + ": the program " + std::get<CredentialProcess>(source->origin).name;
  const auto begun_at = clock_.now();
  const auto output = co_await programs_.run(Program(std::move(program)), name, k_limit);
  if (!output) co_return output.error();
  auto issued = parse_process_keys(output->reveal());
  if (!issued) co_return with_remedy({issued.error().code, name + " " + issued.error().what});
  const Duration life = issued->expires_at
                            ? std::min<Duration>(*issued->expires_at - clock_.wall(), k_life_unsaid)
                            : k_life_unsaid;
  if (life <= Duration::zero())
    co_return with_remedy(
        {Errc::expired_source, name + " gave keys that have expired already: log in again with "
                                      "whatever it uses, and check the clock"});
  co_return Fetched<IssuedKeys>(std::move(*issued), begun_at, life);
}

} // namespace purser::aws
