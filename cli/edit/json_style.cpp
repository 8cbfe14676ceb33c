#include "cli/edit/json_style.hpp"

namespace purser::cli {

JsonStyle JsonStyle::of(std::string_view text, const JsonObject& root)
{
  JsonStyle style;
  const auto line_end = text.find('\n');
  if (line_end != std::string_view::npos && line_end > 0 && text[line_end - 1] == '\r')
    style.newline = "\r\n";
  if (root.members.empty()) return style;
  const auto& first = root.members.front();
  const auto lead = text.substr(root.open + 1, first.key_begin - root.open - 1);
  const auto last_break = lead.rfind('\n');
  style.one_line = last_break == std::string_view::npos;
  if (!style.one_line) style.unit = lead.substr(last_break + 1);
  const auto colon = text.substr(first.key_end, first.value_begin - first.key_end);
  if (colon.find('\n') == std::string_view::npos) style.colon = colon;
  return style;
}

std::string JsonStyle::written(const nlohmann::json& value, const std::string& indent) const
{
  const auto inner = indent + unit;
  const std::string before = one_line ? "" : newline + inner;
  const std::string after = one_line ? "" : newline + indent;
  const std::string comma = one_line && colon.ends_with(' ') ? ", " : ",";
  if (!value.is_object() || value.empty()) return value.dump();
  std::string text = "{";
  for (const auto& [key, member] : value.items()) {
    if (text.size() > 1) text += comma;
    text += before + nlohmann::json(key).dump() + colon + written(member, inner);
  }
  return text + after + "}";
}

std::string indent_of_line(std::string_view text, std::size_t at)
{
  const auto line_break = text.rfind('\n', at);
  const auto begin = line_break == std::string_view::npos ? 0 : line_break + 1;
  const auto end = text.find_first_not_of(" \t", begin);
  return std::string(text.substr(begin, end == std::string_view::npos ? end : end - begin));
}

} // namespace purser::cli
