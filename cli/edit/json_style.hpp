#pragma once

#include "cli/edit/json_places.hpp"

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>

namespace purser::cli {

// How a JSON text is laid out, so that what is added looks like the rest.
struct JsonStyle {
  bool one_line = false;      // the root object's members are on the line of its `{`
  std::string newline = "\n"; // of the text's first line
  std::string unit = "\t";    // one level of indentation
  std::string colon = ": ";

  // The root object's; docker's own (lines, tabs) where that is empty.
  [[nodiscard]] static JsonStyle of(std::string_view text, const JsonObject& root);

  // A value that begins on a line which is indented by `indent`.
  [[nodiscard]] std::string written(const nlohmann::json& value, const std::string& indent) const;
};

// The white space with which the line of `at` begins.
[[nodiscard]] std::string indent_of_line(std::string_view text, std::size_t at);

} // namespace purser::cli
