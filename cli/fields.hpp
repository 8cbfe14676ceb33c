#pragma once

#include "cli/printable.hpp"
#include "common/duration_text.hpp"

#include <nlohmann/json.hpp>

#include <string>

namespace purser::cli {

// Fields of the daemon's answers, read so that a newer or older daemon is no error: what
// is missing, empty or of another type is "-" (or `missing`). Texts are printable.
[[nodiscard]] inline std::string
text_field(const nlohmann::json& object, const char* key, const std::string& missing = "-")
{
  const auto found = object.find(key);
  if (found == object.end()) return missing;
  if (found->is_number()) return found->dump();
  if (!found->is_string() || found->get_ref<const std::string&>().empty()) return missing;
  return printable(found->get_ref<const std::string&>());
}

[[nodiscard]] inline std::string duration_field(const nlohmann::json& object, const char* key)
{
  const auto found = object.find(key);
  if (found == object.end() || !found->is_number_integer()) return "-";
  return duration_text(found->get<long long>());
}

[[nodiscard]] inline bool bool_field(const nlohmann::json& object, const char* key)
{
  const auto found = object.find(key);
  return found != object.end() && *found == true;
}

// The object under `key`; an empty one where there is none.
[[nodiscard]] inline nlohmann::json object_field(const nlohmann::json& object, const char* key)
{
  const auto found = object.find(key);
  return found != object.end() && found->is_object() ? *found : nlohmann::json::object();
}

// The objects in the list under `key`.
[[nodiscard]] inline nlohmann::json list_field(const nlohmann::json& object, const char* key)
{
  auto objects = nlohmann::json::array();
  const auto found = object.find(key);
  if (found == object.end() || !found->is_array()) return objects;
  for (const auto& entry : *found)
    if (entry.is_object()) objects.push_back(entry);
  return objects;
}

} // namespace purser::cli
