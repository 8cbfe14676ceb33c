#pragma once

#include "daemon/observe/audit.hpp"
#include "daemon/providers/asker.hpp"
#include "daemon/store/credential_store.hpp"
#include "daemon/time/clock.hpp"
#include "daemon/tokens/registry_answer.hpp"
#include "daemon/tokens/token_service.hpp"
#include "daemon/tokens/token_target.hpp"

#include <boost/asio/awaitable.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace purser {

// One action that was tried at a registry.
struct TriedAction {
  enum class Outcome {
    allowed,
    refused,   // the credential is good, and may not do this
    rejected,  // the credential is no good
    not_asked, // the registry asks nobody for a credential: it says nothing about this one
    failed,    // nobody knows
  };

  TriedAction(std::string_view n, ScopeSet w) : name(n), wanted(std::move(w)) {}

  std::string_view name; // a literal: "login", "pull", "push", "delete"
  ScopeSet wanted;
  Outcome outcome = Outcome::failed;
  std::optional<RegistryAnswer> answer; // where the registry was asked
  std::optional<Error> error;           // why it was not, or what its answer means
};

[[nodiscard]] std::string_view to_string(TriedAction::Outcome outcome);

// Who wants to know what may be done, and where.
struct AccessQuestion {
  AccessQuestion(TokenTarget t, std::shared_ptr<const Asker> a)
    : target(std::move(t)), asker(std::move(a))
  {
  }

  TokenTarget target;
  std::shared_ptr<const Asker> asker;
  std::optional<Credential> instead; // of what is stored: a login that is to be verified
};

// bad_request where the target has actions that cannot be tried: others than pull, push, delete
// and *.
[[nodiscard]] Result<> check_actions(const TokenTarget& target);

// Asks a registry what somebody may do there, action by action, each with a token for that action
// alone. A credential that was rejected is not shown again: registries lock users out for that.
class AccessCheck {
public:
  // For one action.
  static constexpr Duration k_limit = std::chrono::seconds(15);

  AccessCheck(Clock& clock, TokenService& tokens) : clock_(clock), tokens_(tokens) {}

  // Pull, push, delete, as far as they are asked for; where no action is, "login". It ends at the
  // first that was rejected or failed, and when `give_up` comes. `trail` learns who answered.
  [[nodiscard]] boost::asio::awaitable<std::vector<TriedAction>>
  run(AccessQuestion question, BootTime give_up, AuditEvent& trail);

private:
  boost::asio::awaitable<TriedAction> one(std::shared_ptr<const AccessQuestion> question,
                                          TriedAction tried,
                                          Action action,
                                          Duration limit,
                                          AuditEvent& trail);

  Clock& clock_;
  TokenService& tokens_;
};

} // namespace purser
