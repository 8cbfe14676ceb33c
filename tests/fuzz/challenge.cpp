// Arbitrary bytes as WWW-Authenticate, a line of the header for each line of the input: what is
// taken is clean, bounded, and reads the same when it is written again; and a realm that is found
// fit for a credential is the registry's own.
#include "daemon/registry/realm.hpp"
#include "daemon/registry/registry_auth.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace purser;

std::vector<std::string_view> lines_of(std::string_view text)
{
  std::vector<std::string_view> lines;
  for (;;) {
    const auto end = text.find('\n');
    lines.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return lines;
    text.remove_prefix(end + 1);
  }
}

std::string written(const Challenge& challenge)
{
  std::string line = challenge.scheme;
  const char* separator = " ";
  for (const auto& [name, value] : challenge.params) {
    line.append(separator).append(name).append("=\"");
    for (const char c : value) {
      if (c == '"' || c == '\\') line += '\\';
      line += c;
    }
    line += '"';
    separator = ",";
  }
  return line;
}

bool is_clean(std::string_view value)
{
  return std::none_of(value.begin(), value.end(), [](char c) {
    return (static_cast<unsigned char>(c) < ' ' && c != '\t') || c == '\x7f';
  });
}

void check(const Challenge& challenge)
{
  if (challenge.scheme.empty() || !is_clean(challenge.scheme)) std::abort();
  const auto realms = std::count_if(challenge.params.begin(), challenge.params.end(),
                                    [](const auto& param) { return param.name == "realm"; });
  if (realms > 1) std::abort();
  for (const auto& [name, value] : challenge.params) {
    if (name.empty() || !is_clean(name) || !is_clean(value)) std::abort();
  }
}

void check_chosen(const RegistryAuth& auth)
{
  if ((auth.scheme == RegistryAuth::Scheme::bearer) && auth.realm.empty()) std::abort();
  const auto registry = parse_url("https://registry.example");
  const auto realm = check_realm(auth.realm, *registry, RealmRules{});
  if (realm && (!realm->url.tls || realm->url.host != registry->host)) std::abort();
}

} // namespace

// NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer calls
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* input, std::size_t size)
{
  constexpr std::size_t k_max_read = std::size_t{8} << 10;
  const std::string_view text(reinterpret_cast<const char*>(input), size);
  const auto challenges = parse_challenges(lines_of(text));
  if (challenges.size() > 16) std::abort();
  std::string again;
  for (const auto& challenge : challenges) {
    check(challenge);
    again += written(challenge);
    again += " , ";
  }
  if (again.size() <= k_max_read && parse_challenges({again}) != challenges) std::abort();
  check_chosen(choose_scheme(challenges));
  return 0;
}
