#include "daemon/config/checked_json.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace purser {
namespace {

constexpr std::size_t k_max_size = std::size_t{1} << 20;
constexpr std::size_t k_max_depth = 16;
constexpr std::size_t k_max_shown = 40;

// Walks the text once before a document is built from it: that way a hostile depth
// costs nothing, and a repeated key is seen, which the document no longer shows.
class Inspector final : public nlohmann::json_sax<nlohmann::json> {
public:
  [[nodiscard]] const std::string& complaint() const { return complaint_; }
  [[nodiscard]] std::size_t error_position() const { return error_position_; }

  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool string(string_t&) override { return true; }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return enter(); }
  bool end_object() override { return leave(); }
  bool start_array(std::size_t) override { return enter(); }
  bool end_array() override { return leave(); }

  bool key(string_t& name) override
  {
    if (keys_.back().insert(name).second) return true;
    complaint_ = "the key \"" + shown_key(name) + "\" stands twice in one object";
    return false;
  }

  bool
  parse_error(std::size_t position, const std::string&, const nlohmann::json::exception&) override
  {
    error_position_ = position;
    return false;
  }

private:
  bool enter()
  {
    keys_.emplace_back();
    if (keys_.size() <= k_max_depth) return true;
    complaint_ = "nested more than " + std::to_string(k_max_depth) + " levels deep";
    return false;
  }
  bool leave()
  {
    keys_.pop_back();
    return true;
  }

  std::vector<std::set<std::string>> keys_;
  std::string complaint_;
  std::size_t error_position_ = 0;
};

// For people: both count from 1.
std::string place_of(std::string_view text, std::size_t at)
{
  const auto before = text.substr(0, at);
  const auto last_end = before.rfind('\n');
  const auto line_begin = last_end == std::string_view::npos ? 0 : last_end + 1;
  return "line " + std::to_string(std::count(before.begin(), before.end(), '\n') + 1) +
         ", column " + std::to_string(at - line_begin + 1);
}

// `position` counts from 1, as the parser does.
std::string line_of(std::string_view text, std::size_t position)
{
  const auto before = text.substr(0, std::min(position, text.size()));
  return "line " + std::to_string(std::count(before.begin(), before.end(), '\n') + 1);
}

// Of a text that should be JSON and nothing else.
std::string strict_complaint(std::string_view text, std::size_t position)
{
  const auto at = std::min(position == 0 ? 0 : position - 1, text.size());
  const bool comment = at < text.size() && text[at] == '/';
  return place_of(text, at) + ": " + (comment ? "a comment, and JSON has none" : "not valid JSON");
}

} // namespace

std::string shown_key(std::string_view key)
{
  std::string shown(key.substr(0, k_max_shown));
  std::replace_if(
      shown.begin(), shown.end(), [](char c) { return c < ' ' || c > '~' || c == '"'; }, '?');
  return key.size() > k_max_shown ? shown + "..." : shown;
}

Result<nlohmann::json> parse_checked_json(std::string_view text, JsonComments comments)
{
  using nlohmann::json;
  if (text.size() > k_max_size) return Error(Errc::misconfigured, "larger than 1 MiB");
  // The parser would take it for the end of the text.
  if (const auto nul = text.find('\0'); nul != std::string_view::npos)
    return Error(Errc::misconfigured, place_of(text, nul) + ": a NUL byte, and JSON has none");
  Inspector inspector;
  const bool strict = true;
  const bool ignore_comments = comments == JsonComments::allowed;
  if (!json::sax_parse(text, &inspector, json::input_format_t::json, strict, ignore_comments)) {
    if (!inspector.complaint().empty()) return Error(Errc::misconfigured, inspector.complaint());
    const auto position = inspector.error_position();
    return Error(Errc::misconfigured, ignore_comments ? line_of(text, position) + ": not valid JSON"
                                                      : strict_complaint(text, position));
  }
  return json::parse(text, nullptr, /*allow_exceptions=*/false, ignore_comments);
}

} // namespace purser
