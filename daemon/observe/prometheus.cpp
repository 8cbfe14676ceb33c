#include "daemon/observe/prometheus.hpp"

#include <array>
#include <charconv>
#include <cmath>

namespace purser {
namespace {

// The shortest text that reads back as the same number.
std::string number(double value)
{
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  return {text.data(), end};
}

std::string escaped(std::string_view text, bool quoted)
{
  std::string safe;
  for (const char c : text) {
    if (c == '\n') {
      safe += "\\n";
      continue;
    }
    if (c == '\\' || (quoted && c == '"')) safe += '\\';
    safe += c;
  }
  return safe;
}

} // namespace

void PrometheusText::begin(std::string_view name, std::string_view help, std::string_view type)
{
  family_ = name;
  text_.append("# HELP ").append(name).append(" ").append(escaped(help, false)).append("\n");
  text_.append("# TYPE ").append(name).append(" ").append(type).append("\n");
}

void PrometheusText::sample(const Labels& labels, double value)
{
  line("", labels, number(value));
}

void PrometheusText::sample(const Labels& labels, std::uint64_t value)
{
  line("", labels, std::to_string(value));
}

void PrometheusText::buckets(const Labels& labels,
                             std::span<const double> bounds,
                             std::span<const std::uint64_t> counts,
                             double sum)
{
  std::uint64_t up_to = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    up_to += counts[i];
    const std::string bound = i < bounds.size() ? number(bounds[i]) : "+Inf";
    Labels with_bound = labels;
    with_bound.push_back({"le", bound});
    line("_bucket", with_bound, std::to_string(up_to));
  }
  line("_sum", labels, number(sum));
  line("_count", labels, std::to_string(up_to));
}

void PrometheusText::line(std::string_view suffix, const Labels& labels, std::string_view value)
{
  text_.append(family_).append(suffix);
  char before = '{';
  for (const auto& [name, content] : labels) {
    text_ += before;
    text_.append(name).append("=\"").append(escaped(content, true)).append("\"");
    before = ',';
  }
  if (!labels.empty()) text_ += '}';
  text_.append(" ").append(value).append("\n");
}

} // namespace purser
