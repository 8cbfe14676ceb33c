#include "daemon/config/object_reader.hpp"

#include "daemon/config/checked_json.hpp"
#include "daemon/config/closest.hpp"

#include <algorithm>
#include <utility>

namespace purser {
namespace {

std::string hint_for(std::string_view key, std::span<const std::string_view> known)
{
  if (const auto meant = closest_word(key, known))
    return "unknown key; did you mean \"" + std::string(*meant) + "\"?";
  std::string hint = "unknown key; known are";
  for (const auto name : known)
    hint += (name == known.front() ? " " : ", ") + std::string(name);
  return hint;
}

bool has_controls(std::string_view value)
{
  return std::any_of(value.begin(), value.end(),
                     [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

bool is_clean_text(const std::string& value, std::size_t limit)
{
  return !value.empty() && value.size() <= limit && !has_controls(value);
}

// As POSIX has names of variables that a shell can use.
bool is_variable(std::string_view name)
{
  const auto letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  return !name.empty() && letter(name.front()) &&
         std::all_of(name.begin(), name.end(),
                     [letter](char c) { return letter(c) || (c >= '0' && c <= '9'); });
}

} // namespace

ObjectReader::ObjectReader(const nlohmann::json& object, std::string place)
  : object_(object), place_(std::move(place))
{
}

void ObjectReader::refuse_others(std::span<const std::string_view> known,
                                 std::span<const std::string_view> later)
{
  for (const auto& [key, value] : object_.items()) {
    if (std::find(known.begin(), known.end(), key) != known.end()) continue;
    if (std::find(later.begin(), later.end(), key) != later.end())
      complain(key, "comes with a later version of purser; remove it until then");
    else
      complain(key, hint_for(key, known));
  }
}

std::optional<std::string> ObjectReader::text(std::string_view key, std::size_t limit)
{
  const auto* value = find(key);
  if (value == nullptr) return std::nullopt;
  const auto* text = value->get_ptr<const std::string*>();
  if (text != nullptr && is_clean_text(*text, limit)) return *text;
  complain(key, "must be a text of 1 to " + std::to_string(limit) +
                    " characters without control characters");
  return std::nullopt;
}

std::optional<bool> ObjectReader::flag(std::string_view key)
{
  const auto* value = find(key);
  if (value == nullptr) return std::nullopt;
  if (value->is_boolean()) return value->get<bool>();
  complain(key, "must be true or false");
  return std::nullopt;
}

std::optional<long long> ObjectReader::number(std::string_view key, long long least, long long most)
{
  const auto* value = find(key);
  if (value == nullptr) return std::nullopt;
  if (value->is_number_integer() && *value >= least && *value <= most)
    return value->get<long long>();
  complain(key,
           "must be a whole number from " + std::to_string(least) + " to " + std::to_string(most));
  return std::nullopt;
}

std::vector<std::string> ObjectReader::variables(std::string_view key)
{
  std::vector<std::string> variables;
  const auto* values = object(key);
  if (values == nullptr) return variables;
  if (values->size() > k_max_variables)
    complain(key, "has more than " + std::to_string(k_max_variables) + " variables");
  for (const auto& [name, value] : values->items()) {
    const auto* text = value.get_ptr<const std::string*>();
    if (!is_variable(name))
      complain(key, "has a member that is no name of a variable");
    else if (text == nullptr || text->size() > k_max_value || has_controls(*text))
      complain(std::string(key) + "." + name, "must be a text of at most " +
                                                  std::to_string(k_max_value) +
                                                  " characters without control characters");
    else
      variables.push_back(name + "=" + *text);
  }
  return variables;
}

std::vector<std::string>
ObjectReader::texts(std::string_view key, std::size_t most, std::size_t limit)
{
  std::vector<std::string> texts;
  const auto* values = array(key);
  if (values == nullptr) return texts;
  if (values->empty() || values->size() > most)
    complain(key, "must have 1 to " + std::to_string(most) + " texts");
  for (const auto& value : *values) {
    const auto* text = value.get_ptr<const std::string*>();
    if (text != nullptr && is_clean_text(*text, limit))
      texts.push_back(*text);
    else
      complain(key, "must be a list of texts of 1 to " + std::to_string(limit) +
                        " characters without control characters");
  }
  return texts;
}

const nlohmann::json* ObjectReader::object(std::string_view key)
{
  const auto* value = find(key);
  if (value == nullptr || value->is_object()) return value;
  complain(key, "must be an object, { ... }");
  return nullptr;
}

const nlohmann::json* ObjectReader::array(std::string_view key)
{
  const auto* value = find(key);
  if (value == nullptr || value->is_array()) return value;
  complain(key, "must be a list, [ ... ]");
  return nullptr;
}

bool ObjectReader::has(std::string_view key) const
{
  return find(key) != nullptr;
}

std::string ObjectReader::place_of(std::string_view key) const
{
  return place_.empty() ? shown_key(key) : place_ + "." + shown_key(key);
}

void ObjectReader::complain(std::string_view key, std::string_view what)
{
  if (!complaint_) complaint_ = place_of(key) + ": " + std::string(what);
}

void ObjectReader::adopt(const Result<>& other)
{
  if (!other && !complaint_) complaint_ = other.error().what;
}

Result<> ObjectReader::verdict() const
{
  if (complaint_) return Error(Errc::misconfigured, *complaint_);
  return {};
}

const nlohmann::json* ObjectReader::find(std::string_view key) const
{
  const auto found = object_.find(key);
  return found == object_.end() ? nullptr : &*found;
}

} // namespace purser
