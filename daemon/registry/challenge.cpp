#include "daemon/registry/challenge.hpp"

#include "common/ascii.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace purser {
namespace {

constexpr std::size_t k_max_bytes = std::size_t{8} << 10;
constexpr std::size_t k_max_challenges = 16;
constexpr std::string_view k_blanks = " \t";

bool is_alphanumeric(char c)
{
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_token_character(char c)
{
  return is_alphanumeric(c) ||
         std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

bool is_token68_character(char c)
{
  return is_alphanumeric(c) || std::string_view("-._~+/").find(c) != std::string_view::npos;
}

// HTAB, SP, VCHAR and obs-text: bytes over 127 are negative.
bool is_text_character(char c)
{
  return c == '\t' || (c >= ' ' && c != '\x7f') || c < 0;
}

std::string lower(std::string_view text)
{
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(), ascii_lower);
  return result;
}

// Takes one line apart. Each take_...() moves on only where it succeeds.
class Scanner {
public:
  explicit Scanner(std::string_view line) : rest_(line) {}

  [[nodiscard]] bool at_end() const { return rest_.empty(); }
  // The end of an element of the list.
  [[nodiscard]] bool at_stop() const { return rest_.empty() || rest_.front() == ','; }

  bool skip_blanks()
  {
    const auto size = std::min(rest_.find_first_not_of(k_blanks), rest_.size());
    rest_.remove_prefix(size);
    return size != 0;
  }

  bool take(char c)
  {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  std::string_view take_token() { return take_while(is_token_character); }

  // 1*( ... ) *"=", and nothing behind it in this element: `realm="x"` begins like one.
  bool take_token68()
  {
    const auto before = rest_;
    if (!take_while(is_token68_character).empty()) {
      while (take('='))
        ;
      skip_blanks();
      if (at_stop()) return true;
    }
    rest_ = before;
    return false;
  }

  std::optional<std::string> take_value()
  {
    if (take('"')) return take_quoted();
    const auto token = take_token();
    if (token.empty()) return std::nullopt;
    return std::string(token);
  }

  // To the comma behind an element that nothing can be made of. A comma in quotes is none.
  void skip_element()
  {
    while (!at_stop()) {
      if (take('"'))
        (void)take_quoted();
      else
        rest_.remove_prefix(1);
    }
  }

private:
  template <class Predicate>
  std::string_view take_while(Predicate is_part)
  {
    const auto* const end = std::find_if_not(rest_.begin(), rest_.end(), is_part);
    const auto taken = rest_.substr(0, static_cast<std::size_t>(end - rest_.begin()));
    rest_.remove_prefix(taken.size());
    return taken;
  }

  // What stands before the closing quote, which is taken as well; nothing where there is none.
  std::optional<std::string> take_quoted()
  {
    std::string value;
    bool clean = true;
    while (!rest_.empty()) {
      if (take('"')) return clean ? std::optional(std::move(value)) : std::nullopt;
      if (rest_.front() == '\\' && rest_.size() > 1) rest_.remove_prefix(1);
      clean = clean && is_text_character(rest_.front());
      value += rest_.front();
      rest_.remove_prefix(1);
    }
    return std::nullopt;
  }

  std::string_view rest_;
};

// Collects the challenges of all lines; a parameter at the beginning of a line belongs to the
// challenge that the line before ended with.
class Collector {
public:
  void read(std::string_view line)
  {
    Scanner scanner(line);
    while (!scanner.at_end()) {
      scanner.skip_blanks();
      if (!scanner.at_stop() && !read_element(scanner)) {
        drop();
        scanner.skip_element();
      }
      scanner.take(',');
    }
  }

  std::vector<Challenge> finish()
  {
    close();
    return std::move(challenges_);
  }

private:
  // A scheme, perhaps with its first parameter behind it, or one more parameter of the last one.
  bool read_element(Scanner& scanner)
  {
    const auto token = scanner.take_token();
    if (token.empty()) return false;
    const bool spaced = scanner.skip_blanks();
    if (scanner.take('=')) return read_value(scanner, token);

    close();
    if (scanner.at_stop() || spaced) open_.scheme = lower(token);
    if (scanner.at_stop() || (spaced && scanner.take_token68())) return true;
    const auto name = spaced ? scanner.take_token() : std::string_view{};
    scanner.skip_blanks();
    return !name.empty() && scanner.take('=') && read_value(scanner, name);
  }

  // Behind `name=`. Where the challenge was dropped, its other parameters are as well.
  bool read_value(Scanner& scanner, std::string_view name)
  {
    scanner.skip_blanks();
    auto value = scanner.take_value();
    scanner.skip_blanks();
    if (!value || !scanner.at_stop()) return false;
    if (open_.scheme.empty()) return true;
    auto lower_name = lower(name);
    if (lower_name == "realm" && open_.param("realm")) return false;
    open_.params.push_back({std::move(lower_name), std::move(*value)});
    return true;
  }

  void drop() { open_ = Challenge{}; }
  void close()
  {
    if (!open_.scheme.empty() && challenges_.size() < k_max_challenges)
      challenges_.push_back(std::move(open_));
    drop();
  }

  std::vector<Challenge> challenges_;
  Challenge open_; // without a scheme where there is none
};

} // namespace

std::optional<std::string_view> Challenge::param(std::string_view name) const
{
  const auto found = std::find_if(params.begin(), params.end(),
                                  [name](const AuthParam& param) { return param.name == name; });
  if (found == params.end()) return std::nullopt;
  return found->value;
}

std::vector<Challenge> parse_challenges(const std::vector<std::string_view>& lines)
{
  Collector collector;
  std::size_t bytes = 0;
  for (const auto line : lines) {
    bytes += line.size();
    if (bytes > k_max_bytes) break;
    collector.read(line);
  }
  return collector.finish();
}

} // namespace purser
