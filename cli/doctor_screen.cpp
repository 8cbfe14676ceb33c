#include "cli/doctor_screen.hpp"

#include "cli/fields.hpp"
#include "cli/terminal/text_width.hpp"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>

namespace purser::cli {
namespace {

constexpr std::size_t k_gap = 2;

Ink ink_of(const std::string& state)
{
  if (state == "ok") return Ink::good;
  if (state == "failed") return Ink::bad;
  return state == "warning" ? Ink::warning : Ink::note;
}

std::size_t widest(const nlohmann::json& steps, const char* field, std::string_view heading)
{
  std::size_t columns = heading.size();
  for (const auto& step : steps)
    columns = std::max(columns, columns_of(std::string_view(text_field(step, field))));
  return columns + k_gap;
}

void append_folded(std::vector<Line>& lines, const Line& line, std::size_t indent, const Look& look)
{
  auto more = folded(line, indent, look);
  std::move(more.begin(), more.end(), std::back_inserter(lines));
}

} // namespace

std::vector<Line> doctor_screen(const nlohmann::json& report, const Look& look)
{
  const auto steps = list_field(report, "steps");
  const std::size_t topic = widest(steps, "topic", "WHAT");
  const std::size_t state = widest(steps, "state", "STATE");
  std::vector<Line> lines{
      {Piece(padded("WHAT", topic) + padded("STATE", state) + "FINDING", Ink::faint)}};
  for (const auto& step : steps) {
    const auto name = text_field(step, "state");
    append_folded(lines,
                  {Piece(padded(text_field(step, "topic"), topic)),
                   Piece(padded(name, state), ink_of(name)), Piece(text_field(step, "text"))},
                  topic + state, look);
  }
  lines.emplace_back();
  const Ink ink = text_field(report, "outcome") == "ok" ? Ink::good : Ink::bad;
  append_folded(lines, {Piece(text_field(report, "conclusion"), ink)}, 0, look);
  return lines;
}

} // namespace purser::cli
