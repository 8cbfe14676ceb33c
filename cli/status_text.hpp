#pragma once

#include "cli/terminal/line.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <ostream>
#include <string>
#include <vector>

namespace purser::cli {

// The answer of GET /v1/status for people: a line each token, or all that is known of it. The same
// wherever it is written to.
void print_status(const nlohmann::json& status, bool verbose, std::ostream& out);

constexpr std::size_t k_label = 9;   // what labels of the daemon take
constexpr std::size_t k_detail = 12; // and those of a token

// The daemon itself, above its tokens.
[[nodiscard]] std::vector<Line> daemon_lines(const nlohmann::json& status);
// Of one token, all that is known.
[[nodiscard]] std::vector<Line> detail_lines(const nlohmann::json& entry);

// "a.example,b.example"; "-" where there is none.
[[nodiscard]] std::string registries_of(const nlohmann::json& entry);
// What is handed out, and whether that goes on: one of the states, or "degraded".
[[nodiscard]] std::string state_of(const nlohmann::json& entry);
// When the daemon will do something by itself: renew, or try again after a failure.
[[nodiscard]] std::string next_of(const nlohmann::json& entry);

} // namespace purser::cli
