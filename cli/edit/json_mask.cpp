#include "cli/edit/json_mask.hpp"

#include "cli/edit/json_places.hpp"

#include <algorithm>
#include <cstddef>

namespace purser::cli {
namespace {

// `value`, with its strings masked that are no names of members. Numbers are masked as well: a
// PIN is one.
std::string masked_value(std::string_view value)
{
  std::string result;
  std::size_t at = 0;
  while (at < value.size()) {
    const bool string = value[at] == '"';
    const bool number = value[at] == '-' || (value[at] >= '0' && value[at] <= '9');
    if (!string && !number) {
      result += value[at++];
      continue;
    }
    const auto end = json_value_end(value, at);
    const auto next = skip_json_space(value, end);
    const bool name = string && next < value.size() && value[next] == ':';
    result += name ? value.substr(at, end - at) : std::string_view("\"***\"");
    at = end;
  }
  return result;
}

} // namespace

std::string masked_json(std::string_view text, std::span<const std::string_view> shown)
{
  const auto open = text.find('{');
  if (open == std::string_view::npos) return std::string(text);
  std::string result;
  std::size_t done = 0;
  for (const auto& member : json_object_at(text, open).members) {
    if (std::find(shown.begin(), shown.end(), member.key) != shown.end()) continue;
    result += text.substr(done, member.value_begin - done);
    result += masked_value(text.substr(member.value_begin, member.value_end - member.value_begin));
    done = member.value_end;
  }
  return result + std::string(text.substr(done));
}

} // namespace purser::cli
