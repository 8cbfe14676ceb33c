#pragma once

#include "common/result.hpp"
#include "daemon/seal/sealing_key.hpp"
#include "daemon/tokens/token_question.hpp"

#include <string>
#include <string_view>

namespace purser {

// A question that is kept is sealed, as it holds a password. `context` is its identity's digest.
[[nodiscard]] std::string
seal_question(const SealingKey& key, const TokenQuestion& question, std::string_view context);
// The errors of SealedFields::open().
[[nodiscard]] Result<TokenQuestion>
open_question(const SealingKey& key, std::string_view sealed, std::string_view context);

} // namespace purser
