#pragma once

#include "common/result.hpp"
#include "common/secret.hpp"
#include "daemon/config/exec_rule.hpp"
#include "daemon/programs/program.hpp"
#include "daemon/time/clock.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace purser {

// What a program gave.
struct MintedCredential {
  MintedCredential(std::string u, Secret s) : username(std::move(u)), secret(std::move(s)) {}

  std::string username;
  Secret secret;
  std::optional<WallTime> expires_at; // as it says; nothing where it does not
};

// With this a program of our own protocol ends that knows of no credential.
inline constexpr int k_exit_no_credential = 44;

// What came of asking a program (docs/exec.md). `name` stands for it in errors, which quote
// nothing of what it wrote to standard output but a helper's sentence of failure:
// not_configured where it knows of no credential, protocol_error where it wrote something that
// is none, and those of program_failure().
[[nodiscard]] Result<MintedCredential>
read_answer(ExecProtocol protocol, const std::string& name, Outcome outcome, Duration limit);

// A moment as RFC 3339 has it, in any zone; a fraction of a second is left out, and what is
// after the year 2199 is then. Nothing for another text.
[[nodiscard]] std::optional<WallTime> parse_rfc3339(std::string_view text);

} // namespace purser
