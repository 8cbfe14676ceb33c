// Arbitrary bytes as what a program writes, in both protocols, and as a moment: what is taken
// has no control characters.
#include "daemon/providers/exec/exec_messages.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace {

using namespace purser;

void check(ExecProtocol protocol, int exit_code, std::string_view output)
{
  Outcome outcome;
  outcome.ending = Ending::exited;
  outcome.value = exit_code;
  outcome.output = Secret(output);
  const auto minted = read_answer(protocol, "it", std::move(outcome), std::chrono::seconds(30));
  if (!minted) return;
  if (exit_code != 0 || minted->username.empty() || minted->secret.empty()) std::abort();
  for (const char c : minted->secret.reveal()) {
    if ((c >= 0 && c < ' ') || c == '\x7f') std::abort();
  }
}

} // namespace

// NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer calls
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* input, std::size_t size)
{
  const std::string_view text(reinterpret_cast<const char*>(input), size);
  for (const int exit_code : {0, 1, 44}) {
    check(ExecProtocol::purser, exit_code, text);
    check(ExecProtocol::docker, exit_code, text);
  }
  (void)parse_rfc3339(text);
  return 0;
}
