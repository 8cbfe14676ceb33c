#include "daemon/providers/env/env_provider.hpp"

#include "daemon/providers/diagnosis.hpp"
#include "daemon/providers/env/secret_file.hpp"
#include "daemon/providers/file_limit.hpp"

#include <string_view>
#include <utility>

namespace purser {
namespace asio = boost::asio;

namespace {

std::string place_of(const EnvRule& from)
{
  return from.secret_env.empty() ? "file " + from.secret_file : "variable " + from.secret_env;
}

Error unset(Errc code, const std::string& variable)
{
  return with_remedy({code, "the variable " + variable +
                                " of whoever asks is not set, or empty: set it where the client "
                                "runs"});
}

void tell(const Asker& asker, Finding::State state, std::string text)
{
  if (asker.diagnosis) asker.diagnosis->add("source", state, std::move(text));
}

Result<std::string> find_username(const EnvRule& from, const Asker& asker)
{
  if (from.username_env.empty()) return from.username;
  const auto found = asker.env.get(from.username_env);
  if (!found) return unset(Errc::misconfigured, from.username_env);
  if (found->find(':') != std::string_view::npos)
    return with_remedy({Errc::misconfigured, "the variable " + from.username_env +
                                                 " of whoever asks is a user name with a colon, "
                                                 "which no Authorization header can hold: set it "
                                                 "to another"});
  return std::string(*found);
}

std::string identity_of(const Rule& rule, const Handout& handout, const SealingKey& key)
{
  FieldList fields;
  fields.add("env").add(rule.match).add(place_of(*rule.env));
  fields.add(handout.username).add(handout.secret.reveal());
  return key.digest(fields.text());
}

} // namespace

asio::awaitable<Result<Resolved>>
EnvProvider::resolve(Rule rule, RegistryKey, std::shared_ptr<const Asker> asker)
{
  auto secret = co_await find_secret(*rule.env, asker);
  if (!secret) {
    tell(*asker, Finding::State::failed, secret.error().what);
    co_return secret.error();
  }
  auto username = find_username(*rule.env, *asker);
  if (!username) {
    tell(*asker, Finding::State::failed, username.error().what);
    co_return username.error();
  }
  const std::string place = place_of(*rule.env);
  tell(*asker, Finding::State::used, "the " + place + ", user " + *username);
  Handout handout(std::move(*username), std::move(*secret));
  Resolved resolved(Identity(identity_of(rule, handout, key_)), place);
  resolved.at_hand.emplace(std::move(handout));
  co_return resolved;
}

asio::awaitable<Result<Secret>> EnvProvider::find_secret(EnvRule from,
                                                         std::shared_ptr<const Asker> asker)
{
  if (from.secret_file.empty()) {
    const auto found = asker->env.get(from.secret_env);
    if (!found) co_return unset(Errc::not_configured, from.secret_env);
    co_return Secret(*found);
  }
  const std::string path = from.secret_file;
  auto job = [path] { return read_secret_file(path); };
  auto reading = files_.run<std::optional<Secret>>(std::move(job));
  auto read = co_await within_file_limit(clock_, path, std::move(reading));
  if (!read) co_return read.error();
  if (!*read)
    co_return with_remedy(
        {Errc::not_configured, "the secret file " + path + " is missing, or empty: write it"});
  co_return std::move(**read);
}

asio::awaitable<Result<Token>> EnvProvider::fetch(Identity)
{
  co_return Error{Errc::internal, "what is at hand is not fetched"};
}

} // namespace purser
