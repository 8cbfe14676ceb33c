#include "cli/status_screen.hpp"

#include "cli/fields.hpp"
#include "cli/status_text.hpp"
#include "cli/terminal/bar.hpp"
#include "cli/terminal/text_width.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>
#include <string>
#include <tuple>
#include <utility>

namespace purser::cli {
namespace {

constexpr std::size_t k_gap = 2;
constexpr std::size_t k_min_bar = 10;
constexpr std::size_t k_max_bar = 30;
constexpr std::size_t k_max_source = 30;
// The worst first, as they are counted above the table.
constexpr std::array<const char*, 6> k_states{"expired",  "none", "degraded",
                                              "critical", "due",  "fresh"};

struct Row {
  std::string registry;
  std::string state;
  double share = 0; // of its life that is left
  std::string left;
  std::string next;
  std::string source;
  std::string error; // empty: none
};

// What each column takes, in columns of the terminal.
struct Widths {
  std::size_t state = 0;
  std::size_t bar = 0;
  std::size_t left = 0;
  std::size_t next = 0;
  std::size_t source = 0;
  std::size_t registry = 0;

  // Of all but the bar and the registry, with the gaps between them.
  [[nodiscard]] std::size_t fixed() const { return state + left + next + source + 3 * k_gap + 1; }
};

Ink ink_of(const std::string& state)
{
  if (state == "fresh") return Ink::good;
  if (state == "due") return Ink::note;
  if (state == "critical" || state == "degraded") return Ink::warning;
  return Ink::bad;
}

double share_left(const nlohmann::json& entry)
{
  const auto seconds = [&entry](const char* key) {
    const auto found = entry.find(key);
    return found != entry.end() && found->is_number() ? found->get<double>() : 0.0;
  };
  const double left = seconds("remaining_seconds");
  const double life = left + seconds("age_seconds");
  return life > 0 ? left / life : 0.0;
}

std::vector<Row> rows_of(const nlohmann::json& entries)
{
  std::vector<Row> rows;
  for (const auto& entry : entries)
    rows.push_back({registries_of(entry), state_of(entry), share_left(entry),
                    duration_field(entry, "remaining_seconds"), next_of(entry),
                    text_field(entry, "source"), text_field(entry, "last_error", "")});
  std::sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) {
    return std::tie(a.registry, a.source) < std::tie(b.registry, b.source);
  });
  return rows;
}

// As wide as the widest cell; the bar as wide as the rest lets it be.
Widths widths_of(const std::vector<Row>& rows)
{
  Widths widths{5, k_min_bar, 0, 4, 6, 8}; // the words above them
  const auto widen = [](std::size_t& width, const std::string& text) {
    width = std::max(width, columns_of(std::string_view(text)));
  };
  for (const Row& row : rows) {
    widen(widths.state, row.state);
    widen(widths.left, row.left);
    widen(widths.next, row.next);
    widen(widths.source, row.source);
    widen(widths.registry, row.registry);
  }
  widths.source = std::min(widths.source, k_max_source);
  return widths;
}

std::size_t bar_within(std::size_t room)
{
  return std::clamp(room, k_min_bar, k_max_bar);
}

// What both forms have in common: from the state to the source.
Line life_line(const Row& row, const Widths& widths, const Look& look)
{
  const Ink ink = ink_of(row.state);
  const std::string gap(k_gap, ' ');
  return {Piece(padded(row.state, widths.state) + gap, ink),
          Piece(bar(row.share, widths.bar, look.utf8), ink),
          Piece(" " + padded(row.left, widths.left) + gap),
          Piece(padded(row.next, widths.next) + gap, row.error.empty() ? Ink::plain : Ink::warning),
          Piece(padded(shortened(row.source, widths.source, look.utf8), widths.source))};
}

Line heading(const Widths& widths, std::string registry, std::size_t indent)
{
  const std::string gap(k_gap, ' ');
  return {Piece(std::string(indent, ' ') + padded("STATE", widths.state) + gap +
                    padded("LIFE LEFT", widths.bar + 1 + widths.left) + gap +
                    padded("NEXT", widths.next) + gap + padded("SOURCE", widths.source) +
                    std::move(registry),
                Ink::faint)};
}

void add_single(std::vector<Line>& lines,
                const std::vector<Row>& rows,
                Widths widths,
                const Look& look)
{
  const std::string gap(k_gap, ' ');
  widths.bar = bar_within(look.columns - widths.fixed() - k_gap - widths.registry);
  lines.push_back(heading(widths, gap + "REGISTRY", 0));
  for (const Row& row : rows) {
    lines.push_back(life_line(row, widths, look));
    lines.back().emplace_back(gap + row.registry, Ink::strong);
  }
}

void add_double(std::vector<Line>& lines,
                const std::vector<Row>& rows,
                Widths widths,
                const Look& look)
{
  const std::size_t taken = k_gap + widths.fixed() + k_min_bar;
  if (taken > look.columns) widths.source -= std::min(widths.source - 6, taken - look.columns);
  const std::size_t fixed = k_gap + widths.fixed();
  widths.bar = bar_within(look.columns > fixed ? look.columns - fixed : 0);
  lines.push_back({Piece("REGISTRY", Ink::faint)});
  lines.push_back(heading(widths, "", k_gap));
  for (const Row& row : rows) {
    lines.push_back({Piece(shortened(row.registry, look.columns, look.utf8), Ink::strong)});
    lines.push_back(life_line(row, widths, look));
    lines.back().insert(lines.back().begin(), Piece(std::string(k_gap, ' ')));
  }
}

void add_errors(std::vector<Line>& lines, const std::vector<Row>& rows, const Look& look)
{
  for (const Row& row : rows) {
    if (row.error.empty()) continue;
    lines.emplace_back();
    for (auto& text : wrapped(row.registry + ": " + row.error, look.columns))
      lines.push_back({Piece(std::move(text), Ink::bad)});
  }
}

// "tokens   3: 1 degraded, 2 fresh"
Line summary(const std::vector<Row>& rows)
{
  Line line{Piece(padded("tokens", k_label), Ink::faint),
            Piece(std::to_string(rows.size()) + ": ")};
  for (const auto* state : k_states) {
    const auto count = std::count_if(rows.begin(), rows.end(),
                                     [state](const Row& row) { return row.state == state; });
    if (count == 0) continue;
    if (line.size() > 2) line.emplace_back(", ");
    line.emplace_back(std::to_string(count) + " " + state, ink_of(state));
  }
  return line;
}

void append(std::vector<Line>& lines, std::vector<Line> more)
{
  std::move(more.begin(), more.end(), std::back_inserter(lines));
}

void append_folded(std::vector<Line>& lines,
                   const std::vector<Line>& more,
                   std::size_t indent,
                   const Look& look)
{
  for (const Line& line : more)
    append(lines, folded(line, indent, look));
}

} // namespace

std::vector<Line> status_screen(const nlohmann::json& status, bool verbose, const Look& look)
{
  std::vector<Line> lines;
  append_folded(lines, daemon_lines(status), k_label, look);
  const auto entries = list_field(status, "entries");
  if (entries.empty()) {
    append(lines, {Line(), Line{Piece("no tokens yet")}});
    return lines;
  }
  const auto rows = rows_of(entries);
  lines.push_back(summary(rows));
  lines.emplace_back();
  if (verbose) {
    for (const auto& entry : entries)
      append_folded(lines, detail_lines(entry), k_detail, look);
    return lines;
  }
  const Widths widths = widths_of(rows);
  if (widths.fixed() + k_min_bar + k_gap + widths.registry <= look.columns)
    add_single(lines, rows, widths, look);
  else
    add_double(lines, rows, widths, look);
  add_errors(lines, rows, look);
  return lines;
}

} // namespace purser::cli
