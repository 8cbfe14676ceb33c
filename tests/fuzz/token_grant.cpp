// Arbitrary bytes as what a token endpoint answers, as a refusal, and as the claims of a token:
// what is taken is fit for a header and ends within a day, and the server's words are one clean
// line.
#include "daemon/registry/token_grant.hpp"

#include "daemon/formats/base64url.hpp"
#include "daemon/registry/token_refusal.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using namespace purser;

const WallTime k_now(std::chrono::seconds(1'787'220'000));

bool is_printable(std::string_view text)
{
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

void check_answer(std::string_view body)
{
  const auto grant = parse_token_grant(Secret(body), "auth.example", k_now);
  if (!grant) {
    if (!is_printable(grant.error().what)) std::abort();
    return;
  }
  const auto token = grant->token.reveal();
  if (token.empty() || !is_printable(token) || token.find(' ') != std::string_view::npos)
    std::abort();
  if (grant->life <= Duration::zero() || grant->life > std::chrono::hours(24)) std::abort();
  if (grant->refresh_token && !is_printable(grant->refresh_token->reveal())) std::abort();
}

void check_refusal(std::string_view body)
{
  const auto error = token_refusal(403, Secret(body), std::nullopt, "auth.example");
  if (!is_printable(error.what) || error.what.size() > 600) std::abort();
}

} // namespace

// NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer calls
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* input, std::size_t size)
{
  const std::string text(reinterpret_cast<const char*>(input), size);
  check_answer(text);
  check_answer(R"({"token":")" + text + "\"}");
  check_answer(R"({"token":"fake","expires_in":)" + text + "}");
  check_answer(R"({"token":"fake","issued_at":")" + text + "\"}");
  check_answer(R"({"token":"e30.)" + encode_base64url(text) + R"(.ZmFrZQ"})");
  check_refusal(text);
  return 0;
}
