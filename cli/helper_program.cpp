#include "cli/helper_program.hpp"

#include "cli/programs/child_program.hpp"

#include <unistd.h>

namespace purser::cli {
namespace {

constexpr std::size_t k_most_version = 256;
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

} // namespace purser::cli
