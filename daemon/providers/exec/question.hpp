#pragma once

#include "common/registry_key.hpp"
#include "daemon/config/rule.hpp"
#include "daemon/providers/asker.hpp"

#include <string>
#include <vector>

namespace purser {

// The words that a rule's program is started with.
[[nodiscard]] std::vector<std::string> question_words(const ExecRule& rule);

// What it finds on its standard input (docs/exec.md).
[[nodiscard]] std::string question_input(ExecProtocol protocol, const RegistryKey& key);

// NAME=VALUE of all that it gets, by name: the home and the folders of XDG as the daemon has
// them, what the rule says, and of whoever asks what the rule names. The last of these wins.
[[nodiscard]] std::vector<std::string>
question_environment(const Rule& rule, const Environment& own, const Environment& asker);

} // namespace purser
