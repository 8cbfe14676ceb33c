#include "daemon/programs/command_words.hpp"
#include "daemon/programs/program.hpp"
#include "daemon/providers/aws/program_environment.hpp"
#include "daemon/providers/aws/sources/source.hpp"

#include <utility>

namespace purser::aws::sources {
namespace {

Error wrong(const std::string& place, const std::string& why)
{
  return Error{Errc::misconfigured, place + " has a credential_process that " + why};
}

} // namespace

Found credential_process(const ChainInput& input,
                         std::string_view command,
                         const std::string& name,
                         const std::string& place)
{
  if (const auto& file = input.profiles.open_file(); !file.empty())
    return Error{Errc::misconfigured,
                 place +
                     " names a program (credential_process), but others than its owner can "
                     "write " +
                     file + ": run: chmod go-w " + file + ", or chown it"};
  const auto words = split_command(command);
  if (!words) return wrong(place, words.error().what + ": correct it");
  const std::string_view first = words->front().reveal();
  const auto slash = first.rfind('/');
  if (first.empty() || (slash != std::string_view::npos && !first.starts_with('/')))
    return wrong(place, "does not begin with the whole path of a program or a name to look for in "
                        "PATH (~ and variables are not replaced): correct it");
  CredentialProcess process;
  process.name = first.substr(slash + 1); // npos + 1 is 0
  process.program =
      Program(*words, program_environment(input.standpoint, input.environment)).text().clone();
  return std::optional(FoundSource(std::move(process), place, name));
}

} // namespace purser::aws::sources
