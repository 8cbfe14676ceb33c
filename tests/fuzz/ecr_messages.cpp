// Arbitrary bytes as an answer of ECR, and as the token in one: what is taken has no
// control characters.
#include "daemon/providers/ecr/ecr_messages.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using namespace purser::ecr;

void check(Api api, std::string_view body)
{
  const auto issued = parse_token(api, body);
  if (!issued) return;
  if (issued->username.empty() || issued->password.empty()) std::abort();
  for (const char c : issued->password.reveal()) {
    if (c <= ' ' || c >= '\x7f') std::abort();
  }
}

} // namespace

// NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer calls
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* input, std::size_t size)
{
  const std::string text(reinterpret_cast<const char*>(input), size);
  check(Api::ecr, text);
  check(Api::ecr_public, text);
  check(Api::ecr,
        R"({"authorizationData":[{"authorizationToken":")" + text + R"(","expiresAt":1.5E9}]})");
  check(Api::ecr_public,
        R"({"authorizationData":{"authorizationToken":"QVdTOmZha2U=","expiresAt":)" + text + "}}");
  return 0;
}
