#pragma once

#include "daemon/formats/bounded_json.hpp"

#include <string.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace purser {

// JSON with secrets in it: nlohmann's strings do not wipe themselves.
class WipedJson {
public:
  explicit WipedJson(std::string_view text) : json_(parse_bounded_json(text)) {}
  ~WipedJson() { wipe(json_); }
  WipedJson(const WipedJson&) = delete;
  WipedJson& operator=(const WipedJson&) = delete;

  [[nodiscard]] bool is_object() const { return json_.is_object(); }
  // Of a member, or of a member of a member; empty where it is no string.
  [[nodiscard]] std::string_view text(const char* name) const { return text_in(json_, name); }
  [[nodiscard]] std::string_view text(const char* outer, const char* name) const
  {
    const auto found = json_.find(outer);
    return found == json_.end() ? std::string_view{} : text_in(*found, name);
  }
  [[nodiscard]] std::optional<long long> number(const char* name) const
  {
    return number_in(json_, name);
  }
  [[nodiscard]] std::optional<long long> number(const char* outer, const char* name) const
  {
    const auto found = json_.find(outer);
    return found == json_.end() ? std::nullopt : number_in(*found, name);
  }
  [[nodiscard]] nlohmann::json& json() { return json_; }

private:
  static std::string_view text_in(const nlohmann::json& object, const char* name)
  {
    if (!object.is_object()) return {};
    const auto found = object.find(name);
    const auto* text = found == object.end() ? nullptr : found->get_ptr<const std::string*>();
    return text == nullptr ? std::string_view{} : std::string_view(*text);
  }
  static std::optional<long long> number_in(const nlohmann::json& object, const char* name)
  {
    if (!object.is_object()) return std::nullopt;
    const auto found = object.find(name);
    if (found == object.end() || !found->is_number_integer()) return std::nullopt;
    return found->get<long long>();
  }
  static void wipe(nlohmann::json& value)
  {
    if (auto* text = value.get_ptr<std::string*>()) ::explicit_bzero(text->data(), text->size());
    if (value.is_structured())
      for (auto& part : value)
        wipe(part);
  }

  nlohmann::json json_;
};

} // namespace purser
