#include "daemon/providers/exec/exec_provider.hpp"

#include "daemon/providers/diagnosis.hpp"
#include "daemon/providers/exec/exec_messages.hpp"
#include "daemon/providers/exec/program_file.hpp"
#include "daemon/providers/exec/question.hpp"
#include "daemon/providers/file_limit.hpp"

#include <algorithm>
#include <chrono>
#include <string_view>
#include <utility>
#include <vector>

namespace purser {
namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t k_max_grants = 4096;
constexpr Duration k_grant_age = 1h;
constexpr Duration k_longest_life = 24h;

std::string name_of(const std::string& program)
{
  return "the program " + program;
}

Program program_of(const std::vector<std::string>& words,
                   const std::vector<std::string>& environment)
{
  std::vector<Secret> secrets;
  secrets.reserve(words.size());
  for (const auto& word : words)
    secrets.emplace_back(word);
  return {secrets, environment};
}

std::string identity_of(const ExecRule& rule,
                        const Program& program,
                        std::string_view input,
                        const SealingKey& key)
{
  FieldList fields;
  fields.add("exec").add(rule.protocol == ExecProtocol::docker ? "docker" : "purser");
  fields.add(std::to_string(rule.timeout.count())).add(std::to_string(rule.life.count()));
  fields.add(program.text().reveal()).add(input);
  return key.digest(fields.text());
}

} // namespace

ExecProvider::ExecProvider(const asio::any_io_executor& ex,
                           Clock& clock,
                           WorkerPool& files,
                           ProgramBroker& programs,
                           Environment own,
                           const SealingKey& key)
  : clock_(clock)
  , files_(files)
  , programs_(programs)
  , own_(std::move(own))
  , key_(key)
  , gate_(ex, k_max_running)
  , grants_(k_max_grants, k_grant_age)
{
}

asio::awaitable<Result<Resolved>>
ExecProvider::resolve(Rule rule, RegistryKey key, std::shared_ptr<const Asker> asker)
{
  if (asker->diagnosis && asker->diagnosis->thorough) co_await tell(rule, asker);
  const ExecRule& exec = *rule.exec;
  const std::string& path = exec.command.front();
  const Program program =
      program_of(question_words(exec), question_environment(rule, own_, asker->env));
  if (program.text().reveal().size() > k_max_program)
    co_return Error{Errc::misconfigured,
                    name_of(path) + " has more arguments and variables than 512 KiB"};
  std::string input = question_input(exec.protocol, key);
  Resolved resolved(Identity(identity_of(exec, program, input, key_)),
                    "program " + path.substr(path.rfind('/') + 1));
  resolved.issuer = path;
  remember(resolved.identity.digest, exec, program, std::move(input));
  co_return resolved;
}

void ExecProvider::remember(const std::string& digest,
                            const ExecRule& rule,
                            const Program& program,
                            std::string input)
{
  if (grants_.touch(digest, clock_.now())) return;
  Grant grant;
  grant.program = rule.command.front();
  grant.protocol = rule.protocol;
  grant.limit = rule.timeout;
  grant.life = rule.life;
  grant.sealed = key_.seal(program.text().reveal(), digest);
  grant.input = std::move(input);
  grants_.put(digest, std::make_shared<const Grant>(std::move(grant)), clock_.now());
}

asio::awaitable<void> ExecProvider::tell(Rule rule, std::shared_ptr<const Asker> asker)
{
  const std::string path = rule.exec->command.front();
  asker->diagnosis->add("source", Finding::State::used,
                        name_of(path) + ", for at most " +
                            std::to_string(rule.exec->timeout.count()) + " s");
  for (const auto& name : rule.exec->pass_env) {
    const bool is_set = asker->env.get(name).has_value();
    asker->diagnosis->add("source", is_set ? Finding::State::good : Finding::State::absent,
                          "it is told the variable " + name + " of whoever asks" +
                              (is_set ? "" : ", which is not set"));
  }
  const auto good = co_await check(path);
  if (!good) asker->diagnosis->add("source", Finding::State::failed, good.error().what);
}

asio::awaitable<Result<bool>> ExecProvider::check(std::string program)
{
  auto job = [program] { return check_program_file(program); };
  auto checking = files_.run<bool>(std::move(job));
  co_return co_await within_file_limit(clock_, program, std::move(checking));
}

asio::awaitable<Result<Token>> ExecProvider::fetch(Identity identity)
{
  const auto* const known = grants_.find(identity.digest, clock_.now());
  if (known == nullptr)
    co_return Error{Errc::expired_source,
                    "what this program is run with is not held (nobody asked for an hour, or since "
                    "the start): the next request brings it again"};
  const GrantPtr grant = *known;
  const auto pass = co_await gate_.enter();
  const auto good = co_await check(grant->program);
  if (!good) co_return good.error();
  auto text = key_.open(grant->sealed, identity.digest);
  if (!text) co_return text.error();
  Program program(std::move(*text));
  Secret input(grant->input);
  const BootTime begun = clock_.now();
  const WallTime begun_wall = clock_.wall();
  auto outcome =
      co_await programs_.converse(std::move(program), std::move(input), grant->limit, k_max_output);
  if (!outcome) co_return outcome.error();
  co_return token_of(*grant, std::move(*outcome), begun, begun_wall);
}

// The civil time counts once: how long it lives from when it was asked for, by a clock that
// nobody can set.
Result<Token>
ExecProvider::token_of(const Grant& grant, Outcome outcome, BootTime begun, WallTime begun_wall)
{
  const std::string name = name_of(grant.program);
  auto minted = read_answer(grant.protocol, name, std::move(outcome), grant.limit);
  if (!minted) return minted.error();
  const Duration life = minted->expires_at
                            ? std::min<Duration>(*minted->expires_at - begun_wall, k_longest_life)
                            : grant.life;
  if (life <= Duration::zero())
    return with_remedy({Errc::protocol_error,
                        name + " gave a credential that has expired already: run it by hand, and "
                               "check the clock"});
  return Token(std::move(minted->username), std::move(minted->secret), begun, life);
}

asio::awaitable<void> ExecProvider::forget_old()
{
  constexpr Duration k_interval = 1min;
  for (;;) {
    co_await clock_.sleep_until(clock_.now() + k_interval);
    grants_.forget_old(clock_.now());
  }
}

} // namespace purser
