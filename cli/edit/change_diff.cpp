#include "cli/edit/change_diff.hpp"

#include "cli/printable.hpp"

#include <algorithm>
#include <cstdint>
#include <vector>

namespace purser::cli {
namespace {

using Lines = std::vector<std::string_view>; // with their line ends

constexpr std::size_t k_most_compared = 1000;

struct DiffLine {
  char mark; // ' ', '-' or '+'
  std::string_view text;
};

Lines lines_of(std::string_view text)
{
  Lines lines;
  while (!text.empty()) {
    const auto size = std::min(text.find('\n'), text.size() - 1) + 1;
    lines.push_back(text.substr(0, size));
    text.remove_prefix(size);
  }
  return lines;
}

// The longest common subsequence of what is left from each pair of places on.
class CommonLines {
public:
  CommonLines(const Lines& before, const Lines& after)
    : width_(after.size() + 1), lengths_((before.size() + 1) * width_)
  {
    for (std::size_t b = before.size(); b-- > 0;)
      for (std::size_t a = after.size(); a-- > 0;)
        at(b, a) =
            before[b] == after[a] ? at(b + 1, a + 1) + 1 : std::max(at(b + 1, a), at(b, a + 1));
  }
  std::uint32_t& at(std::size_t before, std::size_t after)
  {
    return lengths_[before * width_ + after];
  }

private:
  std::size_t width_;
  std::vector<std::uint32_t> lengths_;
};

void compare(const Lines& before, const Lines& after, std::vector<DiffLine>& diff)
{
  std::size_t b = 0;
  std::size_t a = 0;
  if (before.size() <= k_most_compared && after.size() <= k_most_compared) {
    CommonLines common(before, after);
    while (b < before.size() && a < after.size()) {
      if (before[b] == after[a]) {
        diff.push_back({' ', before[b++]});
        ++a;
      } else if (common.at(b + 1, a) >= common.at(b, a + 1)) {
        diff.push_back({'-', before[b++]});
      } else {
        diff.push_back({'+', after[a++]});
      }
    }
  }
  while (b < before.size())
    diff.push_back({'-', before[b++]});
  while (a < after.size())
    diff.push_back({'+', after[a++]});
}

std::vector<DiffLine> all_lines(const Lines& before, const Lines& after)
{
  const auto most = std::min(before.size(), after.size());
  std::size_t head = 0;
  while (head < most && before[head] == after[head])
    ++head;
  std::size_t tail = 0;
  while (tail < most - head && before[before.size() - 1 - tail] == after[after.size() - 1 - tail])
    ++tail;
  const auto middle = [head, tail](const Lines& lines) {
    return Lines(lines.begin() + static_cast<std::ptrdiff_t>(head),
                 lines.end() - static_cast<std::ptrdiff_t>(tail));
  };
  std::vector<DiffLine> diff;
  for (std::size_t i = 0; i < head; ++i)
    diff.push_back({' ', before[i]});
  compare(middle(before), middle(after), diff);
  for (std::size_t i = before.size() - tail; i < before.size(); ++i)
    diff.push_back({' ', before[i]});
  return diff;
}

std::string shown(const DiffLine& line)
{
  auto text = line.text;
  const bool ends = text.ends_with('\n');
  if (ends) text.remove_suffix(1);
  if (text.ends_with('\r')) text.remove_suffix(1);
  std::string result(1, line.mark);
  for (bool first = true; first || !text.empty(); first = false) {
    const auto tab = std::min(text.find('\t'), text.size());
    result += printable(text.substr(0, tab));
    if (tab < text.size()) result += '\t';
    text.remove_prefix(std::min(tab + 1, text.size()));
  }
  return result + (ends ? "\n" : "\n\\ No newline at end of file\n");
}

// `12,3`: where a hunk begins on one side, and how many lines of it there are.
std::string range(std::size_t first, std::size_t count)
{
  return std::to_string(count == 0 ? first : first + 1) +
         (count == 1 ? "" : "," + std::to_string(count));
}

// The hunks: each change with its context, those that touch taken together.
std::string hunks(const std::vector<DiffLine>& diff, std::size_t context)
{
  const auto changed = [](const DiffLine& line) { return line.mark != ' '; };
  const auto count = [&diff](std::size_t begin, std::size_t end, char other) {
    std::size_t lines = 0;
    for (std::size_t i = begin; i < end; ++i)
      lines += diff[i].mark != other ? 1U : 0U;
    return lines;
  };
  std::string text;
  std::size_t done = 0;
  while (true) {
    auto next = std::find_if(diff.begin() + static_cast<std::ptrdiff_t>(done), diff.end(), changed);
    if (next == diff.end()) return text;
    const auto change = static_cast<std::size_t>(next - diff.begin());
    const auto begin = std::max(done, change - std::min(change, context));
    std::size_t end = change;
    for (std::size_t i = change; i < diff.size() && i <= end + 2 * context + 1; ++i)
      if (changed(diff[i])) end = i;
    end = std::min(diff.size(), end + context + 1);
    text += "@@ -" + range(count(0, begin, '+'), count(begin, end, '+')) + " +" +
            range(count(0, begin, '-'), count(begin, end, '-')) + " @@\n";
    for (std::size_t i = begin; i < end; ++i)
      text += shown(diff[i]);
    done = end;
  }
}

} // namespace

std::string unified_diff(std::string_view before,
                         std::string_view after,
                         const DiffNames& names,
                         std::size_t context)
{
  const auto changes = hunks(all_lines(lines_of(before), lines_of(after)), context);
  if (changes.empty()) return {};
  return "--- " + printable(names.before) + "\n+++ " + printable(names.after) + "\n" + changes;
}

} // namespace purser::cli
