#include "daemon/tokens/credential_trials.hpp"

#include <algorithm>
#include <utility>

namespace purser {
namespace asio = boost::asio;

namespace {

using namespace std::chrono_literals;

// After the `failures`-th refusal in a row (from 0): 30 to 60 s, doubled up to 10 minutes. Locks of
// accounts that are known of last about as long.
Duration wait_after(unsigned failures, double u)
{
  const Duration first = 30s + std::chrono::duration_cast<Duration>(u * 30s);
  return std::min<Duration>(first * (1LL << std::min(failures, 5U)), 10min);
}

} // namespace

CredentialTrials::CredentialTrials(asio::any_io_executor ex, Clock& clock, Uniform uniform)
  : ex_(std::move(ex)), clock_(clock), uniform_(std::move(uniform)), trials_(k_max, k_remembered)
{
}

asio::awaitable<Result<CredentialTrials::Pass>> CredentialTrials::begin(std::string credential)
{
  const auto trial = trial_of(credential);
  if (const auto error = remembered(*trial)) co_return *error;
  if (trial->proven) co_return Pass();
  Pass pass(co_await trial->gate.enter());
  if (const auto error = remembered(*trial)) co_return *error; // while we waited
  if (trial->proven) co_return Pass();
  co_return pass;
}

void CredentialTrials::accepted(const std::string& credential)
{
  const auto trial = trial_of(credential);
  trial->proven = true;
  trial->failures = 0;
  trial->error.reset();
}

void CredentialTrials::refused(const std::string& credential, const Error& error)
{
  const auto trial = trial_of(credential);
  trial->proven = false;
  trial->error = error;
  const Duration wait = wait_after(trial->failures++, uniform_());
  trial->wait_until = clock_.now() + std::max(wait, Duration(error.retry_after.value_or(wait)));
}

std::shared_ptr<CredentialTrials::Trial> CredentialTrials::trial_of(const std::string& credential)
{
  trials_.touch(credential, clock_.now());
  if (const auto* const known = trials_.find(credential, clock_.now())) return *known;
  auto made = std::make_shared<Trial>(ex_);
  trials_.put(credential, made, clock_.now());
  return made;
}

std::optional<Error> CredentialTrials::remembered(const Trial& trial) const
{
  if (!trial.error || clock_.now() >= trial.wait_until) return std::nullopt;
  Error error = *trial.error;
  error.retry_after = trial.wait_until - clock_.now();
  return error;
}

} // namespace purser
