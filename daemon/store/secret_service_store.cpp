#include "daemon/store/secret_service_store.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <system_error>
#include <utility>

namespace purser {
namespace asio = boost::asio;

namespace {

// How purser-keyring ends (keyring/main.cpp).
constexpr int k_done = 0;
constexpr int k_not_there = 1;
constexpr int k_bad_input = 2;
constexpr int k_locked = 3;
constexpr int k_no_service = 4;

// A client is gone before a person has typed a password.
constexpr const char* k_no_prompt = "PURSER_KEYRING_PROMPT=0";
constexpr const char* k_prompt = "PURSER_KEYRING_PROMPT=1";

Error nonsense(const std::string& program)
{
  return with_remedy({Errc::protocol_error,
                      program + " wrote something other than its answer: install the one that "
                                "belongs to this purserd"});
}

// Of a program that did not do what it was asked to.
Error failed(const std::string& program, const Outcome& outcome)
{
  switch (outcome.ending) {
  case Ending::not_started:
    return with_remedy({Errc::misconfigured, program + " cannot be started (" +
                                                 std::generic_category().message(outcome.value) +
                                                 "): install it, or set store.kind to \"file\""});
  case Ending::timed_out:
    return with_remedy({Errc::transient, "the Secret Service did not answer in time: see whether "
                                         "it waits for somebody, or restart it"});
  case Ending::too_much: return nonsense(program);
  case Ending::killed:
    return with_remedy({Errc::transient, program + " was killed by signal " +
                                             std::to_string(outcome.value) + ": try again"});
  case Ending::exited: break;
  }
  auto said = last_line(outcome.words);
  if (said.empty()) said = program + " ended with exit code " + std::to_string(outcome.value);
  if (outcome.value == k_locked) return with_remedy({Errc::interaction_required, said});
  if (outcome.value == k_bad_input) return with_remedy({Errc::misconfigured, said});
  return with_remedy({Errc::transient, said});
}

// Null where `text` is no JSON. What the parser gives back to the heap is wiped there.
nlohmann::json parsed(const Secret& text)
{
  auto json = nlohmann::json::parse(text.reveal(), nullptr, false);
  return json.is_discarded() ? nlohmann::json() : json;
}

const std::string* text_of(const nlohmann::json& object, const char* name)
{
  if (!object.is_object()) return nullptr;
  const auto found = object.find(name);
  return found == object.end() ? nullptr : found->get_ptr<const std::string*>();
}

std::optional<StoredName> stored_name(const nlohmann::json& entry)
{
  const auto* key = text_of(entry, "ServerURL");
  const auto* username = text_of(entry, "Username");
  if (key == nullptr || username == nullptr) return std::nullopt;
  return StoredName{*key, *username};
}

Result<std::vector<StoredName>> names_in(const nlohmann::json& list, const std::string& program)
{
  std::vector<StoredName> names;
  if (!list.is_array()) return nonsense(program);
  for (const auto& entry : list) {
    auto name = stored_name(entry);
    if (!name) return nonsense(program);
    names.push_back(std::move(*name));
  }
  std::sort(names.begin(), names.end(),
            [](const StoredName& a, const StoredName& b) { return a.key < b.key; });
  return names;
}

Result<KeyringFinding> finding_in(const nlohmann::json& answer, const std::string& program)
{
  const auto* keyring = text_of(answer, "Default");
  const auto entries = answer.is_object() ? answer.find("Entries") : answer.end();
  if (keyring == nullptr || entries == answer.end() || !entries->is_boolean())
    return nonsense(program);
  if (*keyring == "unlocked") return KeyringFinding::unlocked;
  if (*entries) return KeyringFinding::locked_with_entries;
  return *keyring == "locked" ? KeyringFinding::locked_and_empty : KeyringFinding::absent;
}

} // namespace

SecretServiceStore::SecretServiceStore(const asio::any_io_executor& ex,
                                       ProgramBroker& programs,
                                       std::string program,
                                       std::vector<std::string> environment)
  : gate_(ex, k_at_once)
  , person_(ex, 1)
  , programs_(programs)
  , program_(std::move(program))
  , environment_(std::move(environment))
{
}

Program SecretServiceStore::program(const std::string& verb, const char* prompt) const
{
  std::vector<Secret> words;
  words.emplace_back(program_);
  words.emplace_back(verb);
  auto environment = environment_;
  environment.emplace_back(prompt);
  return Program(words, environment);
}

asio::awaitable<Result<std::optional<Credential>>> SecretServiceStore::get(std::string space,
                                                                           std::string key)
{
  Secret input(key);
  const auto answer = co_await run("get", std::move(space), std::move(input));
  if (!answer) co_return answer.error();
  if (!*answer) co_return std::optional<Credential>();
  const auto json = parsed(**answer);
  const auto* username = text_of(json, "Username");
  const auto* secret = text_of(json, "Secret");
  if (username == nullptr || secret == nullptr) co_return nonsense(program_);
  co_return std::optional<Credential>(Credential(*username, Secret(*secret)));
}

asio::awaitable<Result<>>
SecretServiceStore::store(std::string space, std::string key, Credential credential)
{
  nlohmann::json json;
  json["ServerURL"] = std::move(key);
  json["Username"] = std::move(credential.username);
  json["Secret"] = credential.secret.reveal();
  Secret input(json.dump());
  co_return co_await done("store", std::move(space), std::move(input));
}

asio::awaitable<Result<>> SecretServiceStore::erase(std::string space, std::string key)
{
  Secret input(key);
  co_return co_await done("erase", std::move(space), std::move(input));
}

asio::awaitable<Result<std::vector<StoredName>>> SecretServiceStore::list(std::string space)
{
  const auto answer = co_await run("list", std::move(space), Secret());
  if (!answer) co_return answer.error();
  if (!*answer) co_return nonsense(program_);
  co_return names_in(parsed(**answer), program_);
}

asio::awaitable<Result<>> SecretServiceStore::check()
{
  co_return co_await done("check", {}, Secret());
}

asio::awaitable<Result<KeyringFinding>> SecretServiceStore::probe()
{
  Program asked = program("probe", k_no_prompt);
  const auto outcome = co_await programs_.converse(std::move(asked), Secret(), k_probe_limit);
  if (!outcome) co_return outcome.error();
  if (outcome->ending == Ending::not_started) co_return KeyringFinding::absent;
  if (outcome->ending != Ending::exited) co_return KeyringFinding::silent;
  if (outcome->value == k_no_service) co_return KeyringFinding::absent;
  if (outcome->value != k_done) co_return KeyringFinding::silent;
  co_return finding_in(parsed(outcome->output), program_);
}

asio::awaitable<Result<>> SecretServiceStore::unlock()
{
  Program asked = program("unlock", k_prompt);
  const auto pass = co_await person_.enter();
  const auto outcome = co_await programs_.converse(std::move(asked), Secret(), k_unlock_limit);
  if (!outcome) co_return outcome.error();
  if (outcome->ending != Ending::exited || outcome->value != k_done)
    co_return failed(program_, *outcome);
  co_return Result<>{};
}

asio::awaitable<Result<std::optional<Secret>>>
SecretServiceStore::run(std::string verb, std::string space, Secret input)
{
  if (!space.empty()) co_return Error{Errc::misconfigured, "the Secret Service has no namespaces"};
  Program asked = program(verb, k_no_prompt);
  const auto pass = co_await gate_.enter();
  auto outcome = co_await programs_.converse(std::move(asked), std::move(input), k_limit);
  if (!outcome) co_return outcome.error();
  const bool ended = outcome->ending == Ending::exited;
  if (ended && outcome->value == k_not_there && verb == "get") co_return std::optional<Secret>();
  if (!ended || outcome->value != k_done) co_return failed(program_, *outcome);
  co_return std::optional<Secret>(std::move(outcome->output));
}

asio::awaitable<Result<>>
SecretServiceStore::done(std::string verb, std::string space, Secret input)
{
  const auto answer = co_await run(std::move(verb), std::move(space), std::move(input));
  if (!answer) co_return answer.error();
  co_return Result<>{};
}

} // namespace purser
