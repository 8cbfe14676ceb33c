#include "daemon/providers/aws/shared_file.hpp"

#include "common/ascii.hpp"
#include "common/wiping.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace purser::aws {
namespace {

constexpr std::string_view k_blanks = " \t\v\f";

bool is_blank(char c)
{
  return k_blanks.find(c) != std::string_view::npos;
}

std::string_view trimmed(std::string_view text)
{
  return purser::trimmed(text, k_blanks);
}

bool is_name(std::string_view text)
{
  static constexpr std::string_view k_marks = "_-/.%@:+";
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           k_marks.find(c) != std::string_view::npos;
  });
}

std::string lower(std::string_view text)
{
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(), ascii_lower);
  return result;
}

// A comment within a line begins with a mark that has a blank before it: `a=b;c` has none.
std::string_view without_comment(std::string_view value)
{
  for (std::size_t i = 0; i < value.size(); ++i) {
    const bool mark = value[i] == '#' || value[i] == ';';
    if (mark && i > 0 && is_blank(value[i - 1])) return value.substr(0, i);
  }
  return value;
}

// Reads line by line. What is open for lines that follow: a section, and its last
// property; both null in sections that are left out.
class Parser {
public:
  Parser(SharedFile::Kind kind, std::string_view name) : kind_(kind), name_(name) {}

  Result<> read(std::string_view line)
  {
    ++line_;
    if (trimmed(line).empty() || line.front() == '#' || line.front() == ';') return {};
    if (is_blank(line.front())) return continue_property(trimmed(line));
    if (line.front() == '[') return begin_section(line.substr(1));
    return read_property(line);
  }

  SharedFile finish()
  {
    // They do not merge, whichever comes first.
    if (prefixed_default_)
      file_.profiles.insert_or_assign("default", std::move(*prefixed_default_));
    return std::move(file_);
  }

private:
  Result<> begin_section(std::string_view text)
  {
    const auto close = text.find(']');
    if (close == std::string_view::npos) return wrong("a section without ]");
    const auto rest = trimmed(text.substr(close + 1));
    if (!rest.empty() && rest.front() != '#' && rest.front() != ';')
      return wrong("something after the ] of a section");
    in_section_ = true;
    section_ = find_section(trimmed(text.substr(0, close)));
    property_.clear();
    return {};
  }

  // Null for sections that are left out.
  Section* find_section(std::string_view title)
  {
    const auto kind_size = title.find_first_of(k_blanks);
    const bool has_kind = kind_size != std::string_view::npos;
    const auto name = has_kind ? trimmed(title.substr(kind_size)) : title;
    if (!is_name(name)) return nullptr;
    if (kind_ == SharedFile::Kind::credentials)
      return has_kind ? nullptr : &file_.profiles[std::string(name)];
    if (!has_kind) return name == "default" ? &file_.profiles[std::string(name)] : nullptr;
    return find_config_section(title.substr(0, kind_size), name);
  }

  Section* find_config_section(std::string_view kind, std::string_view name)
  {
    if (kind == "services") return &file_.services[std::string(name)];
    if (kind == "sso-session") return &file_.sso_sessions[std::string(name)];
    if (kind != "profile") return nullptr;
    if (name != "default") return &file_.profiles[std::string(name)];
    if (!prefixed_default_) prefixed_default_.emplace();
    return &*prefixed_default_;
  }

  Result<> read_property(std::string_view line)
  {
    if (!in_section_) return wrong("a property before the first section");
    const auto equals = line.find('=');
    if (equals == std::string_view::npos) return wrong("a property without =");
    property_ = lower(trimmed(line.substr(0, equals)));
    if (property_.empty()) return wrong("a property without a name");
    const auto value = trimmed(without_comment(line.substr(equals + 1)));
    opens_group_ = value.empty();
    if (section_ == nullptr) return {};
    section_->nested.erase(property_); // the last of two equal names wins, as a whole
    section_->properties.insert_or_assign(property_, Secret(value));
    return {};
  }

  Result<> continue_property(std::string_view text)
  {
    if (property_.empty()) return wrong("an indented line that continues nothing");
    if (opens_group_) return read_nested(text);
    if (section_ == nullptr) return {};
    Secret& value = section_->properties[property_];
    const auto begin = value.reveal();
    WipingBuffer joined(begin.begin(), begin.end());
    joined.push_back('\n');
    joined.insert(joined.end(), text.begin(), text.end());
    value = Secret({joined.data(), joined.size()});
    return {};
  }

  Result<> read_nested(std::string_view text)
  {
    const auto equals = text.find('=');
    if (equals == std::string_view::npos) return wrong("a nested property without =");
    const auto name = lower(trimmed(text.substr(0, equals)));
    if (name.empty()) return wrong("a nested property without a name");
    if (section_ == nullptr) return {};
    section_->nested[property_].insert_or_assign(
        name, Secret(trimmed(without_comment(text.substr(equals + 1)))));
    return {};
  }

  [[nodiscard]] Error wrong(std::string_view what) const
  {
    return Error{Errc::misconfigured, std::string(name_) + " line " + std::to_string(line_) +
                                          " has " + std::string(what) + ": correct it"};
  }

  SharedFile::Kind kind_;
  std::string_view name_;
  SharedFile file_;
  std::optional<Section> prefixed_default_; // [profile default]
  int line_ = 0;
  bool in_section_ = false;
  Section* section_ = nullptr;
  std::string property_;
  bool opens_group_ = false; // its value is empty: indented lines are properties in it
};

} // namespace

Result<SharedFile> SharedFile::parse(std::string_view text, Kind kind, std::string_view name)
{
  constexpr std::string_view k_byte_order_mark = "\xef\xbb\xbf";
  if (text.starts_with(k_byte_order_mark)) text.remove_prefix(k_byte_order_mark.size());
  Parser parser(kind, name);
  while (!text.empty()) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (auto read = parser.read(line); !read) return read.error();
  }
  return parser.finish();
}

} // namespace purser::aws
