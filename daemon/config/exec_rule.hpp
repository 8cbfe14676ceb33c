#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace purser {

// How a program is asked for a credential (docs/exec.md).
enum class ExecProtocol {
  purser, // our own
  docker, // that of docker-credential-helpers
};

// A program that mints credentials (`"provider": "exec"`).
struct ExecRule {
  static constexpr std::chrono::seconds k_timeout{30};
  static constexpr std::chrono::seconds k_life{300};

  std::vector<std::string> command; // the first word is an absolute path
  ExecProtocol protocol = ExecProtocol::purser;
  std::chrono::seconds timeout = k_timeout;
  std::chrono::seconds life = k_life; // of a credential that says nothing of its own
  std::vector<std::string> pass_env;  // names of variables of whoever asks
};

} // namespace purser
