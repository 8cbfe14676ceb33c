#include "cli/edit/json_places.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace purser::cli {
namespace {

// The end of the string that begins at `at`.
std::size_t string_end(std::string_view text, std::size_t at)
{
  for (++at; text[at] != '"'; ++at)
    if (text[at] == '\\') ++at;
  return at + 1;
}

JsonMember member_at(std::string_view text, std::size_t at)
{
  JsonMember member;
  member.key_begin = at;
  member.key_end = string_end(text, at);
  const auto colon = skip_json_space(text, member.key_end);
  member.value_begin = skip_json_space(text, colon + 1);
  member.value_end = json_value_end(text, member.value_begin);
  const auto key = text.substr(at, member.key_end - at);
  member.key = nlohmann::json::parse(key).get<std::string>();
  return member;
}

} // namespace

std::size_t json_value_end(std::string_view text, std::size_t at)
{
  if (text[at] == '"') return string_end(text, at);
  if (text[at] != '{' && text[at] != '[') {
    const auto end = text.find_first_of(" \t\r\n,]}", at);
    return end == std::string_view::npos ? text.size() : end;
  }
  std::size_t depth = 0;
  do {
    if (text[at] == '"') {
      at = string_end(text, at);
      continue;
    }
    if (text[at] == '{' || text[at] == '[') ++depth;
    if (text[at] == '}' || text[at] == ']') --depth;
    ++at;
  } while (depth != 0);
  return at;
}

const JsonMember* JsonObject::find(std::string_view key) const
{
  const auto found = std::find_if(members.begin(), members.end(),
                                  [key](const JsonMember& each) { return each.key == key; });
  return found == members.end() ? nullptr : &*found;
}

JsonObject json_object_at(std::string_view text, std::size_t open)
{
  JsonObject object;
  object.open = open;
  std::size_t at = skip_json_space(text, open + 1);
  while (text[at] != '}') {
    object.members.push_back(member_at(text, at));
    at = skip_json_space(text, object.members.back().value_end);
    if (text[at] == ',') at = skip_json_space(text, at + 1);
  }
  object.close = at;
  return object;
}

std::size_t skip_json_space(std::string_view text, std::size_t at)
{
  const auto found = text.find_first_not_of(" \t\r\n", at);
  return found == std::string_view::npos ? text.size() : found;
}

} // namespace purser::cli
