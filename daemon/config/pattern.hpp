#pragma once

#include "common/result.hpp"

#include <string_view>

namespace purser {

// What `match` of a rule may say: the canonical form of RegistryKey, with `*` for a
// whole label of the host or as the last component of the path. Errors are
// Errc::misconfigured and say what is wrong, without quoting the pattern.
[[nodiscard]] Result<> check_pattern(std::string_view pattern);

// Whether every label that the pattern fixes is one of an ECR host name's, so that
// `*` stands for an account or a region and nothing else.
[[nodiscard]] bool is_ecr_pattern(std::string_view pattern);

// `host` of `host[:port][/path]`, with its `*`.
[[nodiscard]] std::string_view pattern_host(std::string_view pattern);

} // namespace purser
