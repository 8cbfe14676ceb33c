#include "cli/table.hpp"

#include "cli/terminal/text_width.hpp"

#include <algorithm>

namespace purser::cli {
namespace {

constexpr std::size_t k_gap = 2;

} // namespace

std::vector<std::size_t> Table::widths() const
{
  std::vector<std::size_t> widths(rows_.front().size());
  for (const auto& row : rows_)
    for (std::size_t i = 0; i < row.size(); ++i)
      widths[i] = std::max(widths[i], columns_of(row[i]));
  return widths;
}

std::size_t Table::columns() const
{
  std::size_t columns = 0;
  for (const std::size_t width : widths())
    columns += width + (columns == 0 ? 0 : k_gap);
  return columns;
}

void Table::print(std::ostream& out) const
{
  const auto widths = this->widths();
  for (const auto& row : rows_) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      line += row[i];
      line.append(widths[i] + k_gap - columns_of(row[i]), ' ');
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out << line << '\n';
  }
}

} // namespace purser::cli
