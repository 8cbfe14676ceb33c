#pragma once

#include "cli/edit/json_places.hpp"
#include "cli/edit/text_splice.hpp"
#include "common/result.hpp"

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace purser::cli {

// Names of members, from the root object down.
using JsonPath = std::vector<std::string>;

// A JSON object that somebody keeps in a file, edited so that every byte which an edit does
// not concern stays: order, indentation, line ends, a byte order mark.
//
// After each edit the text is parsed and compared with the same edit of the parsed value; were
// they ever to differ, the edit is Errc::internal and the text stays what it was.
class JsonEdit {
public:
  // Errors (misconfigured, one line, never a value): no JSON object, with line and column;
  // comments; a key twice in one object; more than 16 levels; more than 1 MiB. A text of
  // nothing but white space is taken for one without members.
  [[nodiscard]] static Result<JsonEdit> parse(std::string text);

  [[nodiscard]] const std::string& text() const { return text_; }
  // Null where the path leads to nothing. The root where it is empty. Valid until the next edit.
  [[nodiscard]] const nlohmann::json* find(const JsonPath& path) const;

  // Replaces the value, or adds a member as the last of its object; missing objects on the way
  // are made. Nothing is done where the value is the same already. Error (misconfigured): the
  // path leads through something that is neither an object nor null.
  [[nodiscard]] Result<> set(const JsonPath& path, const nlohmann::json& value);
  // Takes the member out, and its comma. Nothing is done where there is none.
  [[nodiscard]] Result<> remove(const JsonPath& path);

  // What was done to the text, in order.
  [[nodiscard]] const std::vector<TextSplice>& splices() const { return splices_; }

private:
  JsonEdit(std::string text, nlohmann::json value);

  [[nodiscard]] JsonObject root() const;
  [[nodiscard]] TextSplice whole(const nlohmann::json& value) const;
  [[nodiscard]] TextSplice replacement(const JsonMember& member, const nlohmann::json& value) const;
  [[nodiscard]] TextSplice
  addition(const JsonObject& object, const std::string& key, const nlohmann::json& value) const;
  [[nodiscard]] Result<> make(TextSplice splice, const nlohmann::json& expected);

  std::string text_;
  nlohmann::json value_; // an object
  std::vector<TextSplice> splices_;
};

} // namespace purser::cli
