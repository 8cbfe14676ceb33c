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

bool is_clean_text(const std::string& value, std::size_t limit)
{
  return !value.empty() && value.size() <= limit &&
         std::none_of(value.begin(), value.end(),
                      [](unsigned char c) { return c < 0x20 || c == 0x7f; });
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
