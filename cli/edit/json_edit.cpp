#include "cli/edit/json_edit.hpp"

#include "cli/edit/json_style.hpp"
#include "daemon/config/checked_json.hpp"

#include <algorithm>
#include <utility>

namespace purser::cli {
namespace {

constexpr std::string_view k_byte_order_mark = "\xef\xbb\xbf";

std::size_t begin_of(std::string_view text)
{
  return text.starts_with(k_byte_order_mark) ? k_byte_order_mark.size() : 0;
}

bool is_blank(std::string_view text)
{
  const auto begin = begin_of(text);
  return skip_json_space(text, begin) == text.size();
}

std::string shown(const JsonPath& path, std::size_t size)
{
  std::string text;
  for (std::size_t i = 0; i < size; ++i)
    text += (i == 0 ? "" : ".") + shown_key(path[i]);
  return text;
}

// `{"a": {"b": value}}` for the path from its member `first` on.
nlohmann::json nested(const JsonPath& path, std::size_t first, nlohmann::json value)
{
  for (std::size_t i = path.size(); i > first; --i) {
    auto object = nlohmann::json::object();
    object[path[i - 1]] = std::move(value);
    value = std::move(object);
  }
  return value;
}

// Takes `member` of `object` out, with the comma that nobody needs any more.
TextSplice removal(std::string_view text, const JsonObject& object, const JsonMember& member)
{
  const auto index = static_cast<std::size_t>(&member - object.members.data());
  std::size_t begin = object.open + 1;
  std::size_t end = object.close;
  if (index > 0) {
    begin = object.members[index - 1].value_end;
    end = member.value_end;
  } else if (object.members.size() > 1) {
    begin = member.key_begin;
    end = object.members[1].key_begin;
  }
  return {begin, std::string(text.substr(begin, end - begin)), ""};
}

} // namespace

JsonEdit::JsonEdit(std::string text, nlohmann::json value)
  : text_(std::move(text)), value_(std::move(value))
{
}

Result<JsonEdit> JsonEdit::parse(std::string text)
{
  if (is_blank(text)) return JsonEdit(std::move(text), nlohmann::json::object());
  auto value = parse_checked_json(text, JsonComments::refused);
  if (!value) return value.error();
  if (!value->is_object()) return Error(Errc::misconfigured, "line 1, column 1: not a JSON object");
  return JsonEdit(std::move(text), std::move(*value));
}

const nlohmann::json* JsonEdit::find(const JsonPath& path) const
{
  const nlohmann::json* value = &value_;
  for (const auto& key : path) {
    if (!value->is_object()) return nullptr;
    const auto found = value->find(key);
    if (found == value->end()) return nullptr;
    value = &*found;
  }
  return value;
}

Result<> JsonEdit::set(const JsonPath& path, const nlohmann::json& value)
{
  if (const auto* now = find(path); now != nullptr && *now == value) return {};
  auto expected = value_;
  auto* place = &expected;
  for (const auto& key : path) {
    if (!place->is_object() && !place->is_null())
      return Error(Errc::misconfigured,
                   shown(path, static_cast<std::size_t>(&key - path.data())) + " is not an object");
    place = &(*place)[key];
  }
  *place = value;
  if (is_blank(text_)) return make(whole(expected), expected);

  JsonObject object = root();
  for (std::size_t i = 0; i < path.size(); ++i) {
    const auto* member = object.find(path[i]);
    const bool last = i + 1 == path.size();
    if (member == nullptr)
      return make(addition(object, path[i], nested(path, i + 1, value)), expected);
    if (last || text_[member->value_begin] != '{')
      return make(replacement(*member, nested(path, i + 1, value)), expected);
    object = json_object_at(text_, member->value_begin);
  }
  return Error(Errc::internal, "an edit without a path");
}

Result<> JsonEdit::remove(const JsonPath& path)
{
  if (path.empty() || find(path) == nullptr) return {};
  auto expected = value_;
  auto* place = &expected;
  JsonObject object = root();
  for (std::size_t i = 0; i + 1 < path.size(); ++i) {
    place = &(*place)[path[i]];
    object = json_object_at(text_, object.find(path[i])->value_begin);
  }
  place->erase(path.back());
  return make(removal(text_, object, *object.find(path.back())), expected);
}

JsonObject JsonEdit::root() const
{
  return json_object_at(text_, skip_json_space(text_, begin_of(text_)));
}

TextSplice JsonEdit::whole(const nlohmann::json& value) const
{
  const JsonStyle style;
  return {begin_of(text_), "", style.written(value, "") + style.newline};
}

TextSplice JsonEdit::replacement(const JsonMember& member, const nlohmann::json& value) const
{
  auto old = text_.substr(member.value_begin, member.value_end - member.value_begin);
  const auto style = JsonStyle::of(text_, root());
  return {member.value_begin, std::move(old),
          style.written(value, indent_of_line(text_, member.key_begin))};
}

TextSplice JsonEdit::addition(const JsonObject& object,
                              const std::string& key,
                              const nlohmann::json& value) const
{
  auto style = JsonStyle::of(text_, root());
  const std::string name = nlohmann::json(key).dump() + style.colon;
  if (object.members.empty()) {
    const auto outer = indent_of_line(text_, object.open);
    const auto inner = outer + style.unit;
    auto lines = style.newline + inner + name + style.written(value, inner) + style.newline + outer;
    auto inside = text_.substr(object.open + 1, object.close - object.open - 1);
    return {object.open + 1, std::move(inside),
            style.one_line ? name + style.written(value, "") : std::move(lines)};
  }
  // As the last member stands, so does the new one.
  const auto& last = object.members.back();
  const auto before = object.members.size() > 1
                          ? text_.find(',', object.members[object.members.size() - 2].value_end)
                          : object.open;
  const auto lead = text_.substr(before + 1, last.key_begin - before - 1);
  const auto line_break = lead.rfind('\n');
  if (line_break == std::string::npos) {
    style.one_line = true;
    const std::string gap = style.colon.ends_with(' ') ? " " : "";
    return {last.value_end, "", "," + gap + name + style.written(value, "")};
  }
  const auto indent = lead.substr(line_break + 1);
  return {last.value_end, "", "," + style.newline + indent + name + style.written(value, indent)};
}

Result<> JsonEdit::make(TextSplice splice, const nlohmann::json& expected)
{
  auto text = spliced(text_, splice);
  const auto value = parse_checked_json(text, JsonComments::refused);
  if (!value) return value.error(); // too large, or too deep
  if (*value != expected) return Error(Errc::internal, "an edit came out differently than meant");
  text_ = std::move(text);
  value_ = expected;
  splices_.push_back(std::move(splice));
  return {};
}

} // namespace purser::cli
