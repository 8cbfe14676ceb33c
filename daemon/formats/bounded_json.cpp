#include "daemon/formats/bounded_json.hpp"

namespace purser {
namespace {

constexpr int k_max_depth = 16;

bool is_shallow(std::string_view text)
{
  int depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      in_string = c != '"';
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      if (++depth > k_max_depth) return false;
    } else if (c == '}' || c == ']') {
      --depth;
    }
  }
  return true;
}

} // namespace

nlohmann::json parse_bounded_json(std::string_view text)
{
  if (!is_shallow(text)) return nlohmann::json(nlohmann::json::value_t::discarded);
  return nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
}

const std::string* find_string(const nlohmann::json& json,
                               const nlohmann::json::json_pointer& pointer)
{
  if (!json.is_structured() || !json.contains(pointer)) return nullptr;
  return json.at(pointer).get_ptr<const std::string*>();
}

} // namespace purser
