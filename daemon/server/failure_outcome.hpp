#pragma once

#include "common/result.hpp"
#include "daemon/providers/diagnosis.hpp"

#include <string_view>

namespace purser {

// What a failure to hand out is for scripts, in the words of docs/protocol.md: the doctor's, which
// refresh and tokens by scope share. A code alone does not tell it: where no client may go on
// without a credential, having none is `misconfigured`.
[[nodiscard]] constexpr std::string_view failure_outcome(Errc code, Diagnosis::Trouble trouble)
{
  if (trouble == Diagnosis::Trouble::configuration) return "configuration";
  if (trouble == Diagnosis::Trouble::no_source || code == Errc::not_configured)
    return "no_credentials";
  return "failed";
}

} // namespace purser
