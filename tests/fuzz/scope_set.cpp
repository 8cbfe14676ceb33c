// Two lines of arbitrary bytes as scopes: the laws of the set algebra hold for whatever is taken.
#include "daemon/registry/scope_set.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace {

using namespace purser;

void check(const ScopeSet& set)
{
  const auto& entries = set.entries();
  if (!std::is_sorted(entries.begin(), entries.end())) std::abort();
  if (std::adjacent_find(entries.begin(), entries.end()) != entries.end()) std::abort();
  const auto text = set.text();
  const auto again = ScopeSet::parse(text);
  if (!again || *again != set) std::abort();
  for (const char c : text) {
    if (c < ' ' || c >= '\x7f' || c == '"' || c == '\\') std::abort();
  }
  if (!set.covers(set) || !set.covers(ScopeSet{})) std::abort();
}

} // namespace

// NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer calls
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* input, std::size_t size)
{
  const std::string_view text(reinterpret_cast<const char*>(input), size);
  const auto end = text.find('\n');
  const auto first = ScopeSet::parse(text.substr(0, end));
  if (!first) return 0;
  check(*first);
  if (end == std::string_view::npos) return 0;
  const auto second = ScopeSet::parse(text.substr(end + 1));
  if (!second) return 0;
  check(*second);

  const auto both = first->merged(*second);
  if (both != second->merged(*first)) std::abort();
  if (!both.covers(*first) || !both.covers(*second)) std::abort();
  if (first->covers(*second) != first->covers(both)) std::abort();
  if (both.only_pull() != (first->only_pull() && second->only_pull())) std::abort();
  return 0;
}
