#pragma once

#include "daemon/providers/diagnosis.hpp"
#include "daemon/server/access_check.hpp"
#include "daemon/server/doctor_answer.hpp"
#include "daemon/server/json_answer.hpp"

#include <string>
#include <vector>

namespace purser {

// What was tried, for scripts (docs/protocol.md, "POST /v1/access"). Never a secret.
[[nodiscard]] Json actions_json(const std::vector<TriedAction>& tried, const Clock& clock);

// The same for people, as steps of a doctor: the realm, the scopes, and each action.
void tell_actions(const std::vector<TriedAction>& tried, Diagnosis& diagnosis);

// What it comes to: "ok" where all was allowed, "not_allowed" where anything was refused, else what
// the first failure means.
[[nodiscard]] Verdict access_verdict(const TokenTarget& target,
                                     const std::vector<TriedAction>& tried,
                                     const Diagnosis& diagnosis);

} // namespace purser
