#pragma once

#include "daemon/providers/token_provider.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace purser::test {

// A provider whose identity is the value of AWS_PROFILE ("default" where it is unset)
// and whose tokens are `IDENTITY-1`, `IDENTITY-2`, ... a second after they were asked for.
class ScriptedProvider final : public TokenProvider {
public:
  explicit ScriptedProvider(Clock& clock) : clock_(clock) {}

  boost::asio::awaitable<Result<Resolved>>
  resolve(Rule rule, RegistryKey, std::shared_ptr<const Asker> asker) override
  {
    if (resolve_takes > Duration::zero()) co_await clock_.sleep_until(clock_.now() + resolve_takes);
    if (resolve_trouble) co_return *resolve_trouble;
    const std::string name =
        rule.profile.value_or(std::string(asker->env.get("AWS_PROFILE").value_or("default")));
    co_return Resolved(Identity(name), "profile " + name);
  }

  boost::asio::awaitable<Result<Token>> fetch(Identity identity) override
  {
    const BootTime sent = clock_.now();
    const std::string secret = identity.digest + "-" + std::to_string(++fetches);
    co_await clock_.sleep_until(sent + std::chrono::seconds(1));
    if (fetch_trouble) co_return *fetch_trouble;
    co_return Token("AWS", Secret(secret), sent, life);
  }

  boost::asio::awaitable<Result<>> prove(Identity, const Token& token) override
  {
    proven.emplace_back(token.secret.reveal());
    if (probe_trouble) co_return *probe_trouble;
    co_return Result<>{};
  }

  void forgive(const Identity&) override { ++forgiven; }

  int fetches = 0;
  int forgiven = 0;
  std::vector<std::string> proven; // the secrets
  std::optional<Error> probe_trouble;
  Duration life = std::chrono::hours(12);
  Duration resolve_takes{};
  std::optional<Error> resolve_trouble;
  std::optional<Error> fetch_trouble;

private:
  Clock& clock_;
};

} // namespace purser::test
