#include "cli/helper_program.hpp"

#include "cli/printable.hpp"
#include "cli/programs/child_program.hpp"

#include <unistd.h>

namespace purser::cli {
namespace {

constexpr std::size_t k_most_version = 256;
constexpr std::size_t k_most_line = 64UL << 10;
constexpr std::size_t k_most_list = std::size_t{4} << 20;

} // namespace

std::optional<std::string> find_helper(std::string_view path, std::string_view name)
{
  while (!path.empty()) {
    const auto colon = path.find(':');
    const std::string folder(path.substr(0, colon));
    path.remove_prefix(colon == std::string_view::npos ? path.size() : colon + 1);
    if (!folder.starts_with('/')) continue;
    std::string program = folder + "/docker-credential-" + std::string(name);
    if (::access(program.c_str(), X_OK) == 0) return program;
  }
  return std::nullopt;
}

std::optional<std::string> version_of(const std::string& program, std::chrono::milliseconds limit)
{
  const auto outcome = converse(ChildProgram(program, "version", limit, k_most_version), "");
  if (!outcome) return std::nullopt;
  const std::string_view text = outcome->text();

  // `docker-credential-purser (purser) 0.1.0`
  constexpr std::string_view k_mark = "(purser) ";
  const auto mark = text.find(k_mark);
  if (mark == std::string_view::npos || text.find('\n') == std::string_view::npos)
    return std::nullopt;
  const auto begin = mark + k_mark.size();
  return std::string(text.substr(begin, text.find('\n') - begin));
}

void wake_daemon(const std::string& program, std::chrono::milliseconds limit)
{
  (void)converse(ChildProgram(program, "list", limit, k_most_list), "");
}

std::optional<std::string> why_no_daemon(const std::string& program,
                                         std::chrono::milliseconds limit)
{
  constexpr std::string_view k_own = "purser: ";
  constexpr std::string_view k_daemons = "purser: request: "; // it does not take the entry
  const auto outcome = converse(ChildProgram(program, "store", limit, k_most_line), "");
  if (!outcome || outcome->ok) return std::nullopt;
  const std::string_view line = outcome->text().substr(0, outcome->text().find('\n'));
  if (!line.starts_with(k_own) || line.starts_with(k_daemons)) return std::nullopt;
  return printable(line.substr(k_own.size()));
}

} // namespace purser::cli
