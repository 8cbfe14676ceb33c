#include "daemon/config/checked_json.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace purser {
namespace {

constexpr std::size_t k_max_size = std::size_t{1} << 20;
constexpr std::size_t k_max_depth = 16;
constexpr std::size_t k_max_shown = 40;

// Over a text; how much of it was read is known meanwhile.
class CountingIterator {
public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  CountingIterator(const char* at, std::size_t& count) : at_(at), count_(&count) {}
  reference operator*() const { return *at_; }
  CountingIterator& operator++()
  {
    ++at_;
    ++*count_;
    return *this;
  }
  CountingIterator operator++(int)
  {
    const CountingIterator before = *this;
    ++*this;
    return before;
  }
  friend bool operator==(const CountingIterator& a, const CountingIterator& b)
  {
    return a.at_ == b.at_;
  }

private:
  const char* at_;
  std::size_t* count_; // outlives it
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

// Walks the text once before a document is built from it: that way a hostile depth
// costs nothing, and a repeated key is seen, which the document no longer shows.
class Inspector final : public nlohmann::json_sax<nlohmann::json> {
public:
  Inspector(std::string_view text, JsonComments comments) : text_(text), comments_(comments) {}

  // Whether it is good; else complaint() says why not.
  [[nodiscard]] bool inspect()
  {
    const bool strict = true;
    return nlohmann::json::sax_parse(
        CountingIterator(text_.data(), read_), CountingIterator(text_.data() + text_.size(), read_),
        this, nlohmann::json::input_format_t::json, strict, comments_ == JsonComments::allowed);
  }
  [[nodiscard]] const std::string& complaint() const { return complaint_; }

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
    return complain(begin_of_key(),
                    "the key \"" + shown_key(name) + "\" stands twice in one object");
  }

  // `position` counts from 1; what is missing at the end is at the end.
  bool
  parse_error(std::size_t position, const std::string&, const nlohmann::json::exception&) override
  {
    const auto at = std::min(position == 0 ? 0 : position - 1, text_.size());
    const bool comment =
        comments_ == JsonComments::refused && at < text_.size() && text_[at] == '/';
    return complain(at, comment ? "a comment, and JSON has none" : "not valid JSON");
  }

private:
  bool enter()
  {
    keys_.emplace_back();
    if (keys_.size() <= k_max_depth) return true;
    return complain(read_ - 1, "nested more than " + std::to_string(k_max_depth) +
                                   " levels deep; close some of the brackets before it");
  }
  bool leave()
  {
    keys_.pop_back();
    return true;
  }

  bool complain(std::size_t at, const std::string& what)
  {
    complaint_ = place_of(text_, at) + ": " + what;
    return false;
  }

  // Of the one whose closing quote was just read: a quote within it has a backslash before it.
  [[nodiscard]] std::size_t begin_of_key() const
  {
    std::size_t at = read_ - 1;
    do
      at = text_.rfind('"', at - 1);
    while (at > 0 && text_[at - 1] == '\\');
    return at;
  }

  std::string_view text_;
  JsonComments comments_;
  std::size_t read_ = 0;
  std::vector<std::set<std::string>> keys_;
  std::string complaint_;
};

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
  if (text.size() > k_max_size) return Error(Errc::misconfigured, "larger than 1 MiB");
  // The parser would take it for the end of the text.
  if (const auto nul = text.find('\0'); nul != std::string_view::npos)
    return Error(Errc::misconfigured, place_of(text, nul) + ": a NUL byte, and JSON has none");
  Inspector inspector(text, comments);
  if (!inspector.inspect()) return Error(Errc::misconfigured, inspector.complaint());
  const bool ignore_comments = comments == JsonComments::allowed;
  return nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false, ignore_comments);
}

} // namespace purser
