#pragma once

#include <cstddef>
#include <ostream>
#include <string>
#include <vector>

namespace purser::cli {

// Text in columns that are as wide as their longest cell; two blanks between them and
// none at the end of a line, so that a pipe gets the same as a terminal.
class Table {
public:
  explicit Table(std::vector<std::string> header) { rows_.push_back(std::move(header)); }

  // As many cells as the header has.
  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  void print(std::ostream& out) const;
  // Of a terminal, that the widest line may take.
  [[nodiscard]] std::size_t columns() const;

private:
  [[nodiscard]] std::vector<std::size_t> widths() const;

  std::vector<std::vector<std::string>> rows_;
};

} // namespace purser::cli
