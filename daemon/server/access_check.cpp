#include "daemon/server/access_check.hpp"

#include "daemon/async/timeout.hpp"

#include <algorithm>
#include <array>
#include <iterator>

namespace purser {
namespace asio = boost::asio;
using Outcome = TriedAction::Outcome;

namespace {

// What an action is called, what it is at the registry, and the rights that it needs.
struct Known {
  std::string_view name;
  Action action;
  std::string_view rights;
};
constexpr std::array k_known{
    Known{"pull", Action::pull, "pull"},
    Known{"push", Action::push, "pull,push"},
    Known{"delete", Action::remove, "delete"},
};
constexpr Known k_login{"login", Action::login, ""};

bool means(const std::string& action, const Known& known)
{
  return action == known.name || action == "*";
}

std::vector<Known> asked_for(const TokenTarget& target)
{
  if (target.actions.empty()) return {k_login};
  std::vector<Known> known;
  const auto& actions = target.actions;
  std::copy_if(k_known.begin(), k_known.end(), std::back_inserter(known),
               [&actions](const Known& k) {
                 return std::any_of(actions.begin(), actions.end(),
                                    [&k](const std::string& action) { return means(action, k); });
               });
  return known;
}

TriedAction untried(const Known& known, const RegistryKey& key)
{
  if (known.rights.empty()) return {known.name, ScopeSet()};
  auto wanted = ScopeSet::repository(key.repository(), known.rights);
  return {known.name, wanted ? std::move(*wanted) : ScopeSet()}; // it was parsed before
}

// Registries say with 401 both that they do not know somebody and that he may not do this: a token
// was issued to who is known.
Outcome judged(const RegistryAnswer& answer)
{
  using Scheme = AccessToken::Scheme;
  if (answer.access.scheme == Scheme::none && answer.allowed) return Outcome::not_asked;
  if (answer.allowed) return Outcome::allowed;
  if (answer.status == 401 && answer.access.scheme == Scheme::basic) return Outcome::rejected;
  const bool final = answer.status >= 400 && answer.status < 500 && answer.status != 429;
  return final ? Outcome::refused : Outcome::failed;
}

Outcome judged(const Error& error)
{
  if (error.code == Errc::forbidden) return Outcome::refused;
  return error.code == Errc::rejected ? Outcome::rejected : Outcome::failed;
}

std::string said(const RegistryAnswer& answer)
{
  std::string text = "the registry answered " + std::to_string(answer.status);
  if (!answer.error.empty()) text += " " + answer.error;
  if (!answer.words.empty()) text += ": " + answer.words;
  return text;
}

void note(TriedAction& tried, Result<RegistryAnswer> answer)
{
  if (!answer) {
    tried.outcome = judged(answer.error());
    tried.error = answer.error();
    return;
  }
  tried.outcome = judged(*answer);
  if (tried.outcome == Outcome::refused) tried.error.emplace(Errc::forbidden, said(*answer));
  if (tried.outcome == Outcome::rejected) tried.error.emplace(Errc::rejected, said(*answer));
  if (tried.outcome == Outcome::failed) tried.error.emplace(Errc::transient, said(*answer));
  tried.answer.emplace(std::move(*answer));
}

} // namespace

std::string_view to_string(Outcome outcome)
{
  switch (outcome) {
  case Outcome::allowed: return "allowed";
  case Outcome::refused: return "refused";
  case Outcome::rejected: return "rejected";
  case Outcome::not_asked: return "not_asked";
  case Outcome::failed: return "failed";
  }
  return "failed";
}

Result<> check_actions(const TokenTarget& target)
{
  for (const std::string& action : target.actions)
    if (std::none_of(k_known.begin(), k_known.end(),
                     [&action](const Known& known) { return means(action, known); }))
      return with_remedy({Errc::bad_request, "an action of these cannot be tried; those that can: "
                                             "pull, push, delete, *"});
  return {};
}

asio::awaitable<std::vector<TriedAction>>
AccessCheck::run(AccessQuestion question, BootTime give_up, AuditEvent& trail)
{
  const auto shared = std::make_shared<const AccessQuestion>(std::move(question));
  std::vector<TriedAction> all;
  for (const Known& known : asked_for(shared->target)) {
    const Duration left = std::min<Duration>(give_up - clock_.now(), k_limit);
    auto tried = co_await one(shared, untried(known, shared->target.key), known.action,
                              std::max(left, Duration::zero()), trail);
    all.push_back(std::move(tried));
    const Outcome outcome = all.back().outcome;
    if (outcome == Outcome::rejected || outcome == Outcome::failed) break;
  }
  co_return all;
}

asio::awaitable<TriedAction> AccessCheck::one(std::shared_ptr<const AccessQuestion> question,
                                              TriedAction tried,
                                              Action action,
                                              Duration limit,
                                              AuditEvent& trail)
{
  Inquiry inquiry(question->target.key, question->asker, limit);
  TokenInquiry wish(std::move(inquiry), tried.wanted);
  if (question->instead)
    wish.instead.emplace(question->instead->username, question->instead->secret.clone());
  auto trying = tokens_.try_access(std::move(wish), action, trail);
  auto answer = co_await with_timeout(clock_, limit, std::move(trying));
  note(tried, std::move(answer));
  co_return tried;
}

} // namespace purser
