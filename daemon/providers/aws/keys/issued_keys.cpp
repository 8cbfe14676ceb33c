#include "daemon/providers/aws/keys/issued_keys.hpp"

#include "daemon/providers/aws/signed_client.hpp"

#include <algorithm>

namespace purser::aws {

using namespace std::chrono_literals;

Obtained read_any_keys(const HttpResponse& response,
                       BootTime sent_at,
                       Result<IssuedKeys> (*parse)(std::string_view),
                       const Attempt& asked,
                       const Clock& clock)
{
  constexpr Duration k_longest_life = 24h;
  constexpr Duration k_life_unsaid = 1h;
  const WallTime now = time_of(response, clock);
  if (response.status != 200) return to_error(read_failure(response, now), asked);
  auto issued = parse(response.body.reveal());
  if (!issued) return Error{issued.error().code, asked.host + ": " + issued.error().what};
  const Duration life = issued->expires_at
                            ? std::min<Duration>(*issued->expires_at - now, k_longest_life)
                            : k_life_unsaid;
  return Fetched<IssuedKeys>(std::move(*issued), sent_at, life);
}

Obtained read_issued_keys(const HttpResponse& response,
                          BootTime sent_at,
                          Result<IssuedKeys> (*parse)(std::string_view),
                          const Attempt& asked,
                          const Clock& clock)
{
  auto obtained = read_any_keys(response, sent_at, parse, asked, clock);
  if (obtained && obtained->life <= Duration::zero())
    return Error{Errc::protocol_error,
                 asked.host + ": gave keys that have expired already: check the clock"};
  return obtained;
}

} // namespace purser::aws
