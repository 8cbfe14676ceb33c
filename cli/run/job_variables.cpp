#include "cli/run/job_variables.hpp"

#include "common/file_descriptor.hpp"
#include "common/write_all.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <system_error>

namespace purser::cli::jobs {
namespace {

std::string value_of(const char* name)
{
  const char* const value = std::getenv(name);
  return value == nullptr ? std::string() : value;
}

std::string longer_path(const std::string& folder)
{
  const std::string before = value_of("PATH");
  return before.empty() ? folder : folder + ":" + before;
}

std::string for_a_shell(std::string_view value)
{
  std::string text = "'";
  for (const char each : value)
    text += each == '\'' ? std::string("'\\''") : std::string(1, each);
  return text + "'";
}

Result<> append(const char* variable, const std::string& text)
{
  const std::string path = value_of(variable);
  if (path.empty())
    return Error(Errc::misconfigured,
                 std::string(variable) + " is not set: --format github is for a step of a job");
  const FileDescriptor file(::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600));
  if (file.is_open() && write_all(file.number(), text)) return {};
  return Error(Errc::misconfigured, path + ": " + std::generic_category().message(errno));
}

std::string lines(const JobVariables& variables)
{
  std::string text;
  for (const auto& [name, value] : variables.set)
    text.append(name).append("=").append(value).append("\n");
  return text;
}

Result<std::string> tell_github(const JobVariables& variables)
{
  if (const auto told = append("GITHUB_ENV", lines(variables)); !told) return told.error();
  if (variables.path.empty()) return std::string();
  if (const auto told = append("GITHUB_PATH", variables.path + "\n"); !told) return told.error();
  return std::string();
}

} // namespace

void JobVariables::apply() const
{
  for (const auto& [name, value] : set)
    ::setenv(name.c_str(), value.c_str(), 1);
  if (!path.empty()) ::setenv("PATH", longer_path(path).c_str(), 1);
}

Result<std::string> told(const JobVariables& variables, VariableFormat format)
{
  for (const auto& [name, value] : variables.set)
    if (value.find('\n') != std::string::npos)
      return Error(Errc::misconfigured, name + " would hold a line end");
  if (format == VariableFormat::github) return tell_github(variables);
  JobVariables all = variables;
  if (!all.path.empty()) all.set.emplace_back("PATH", longer_path(all.path));
  if (format == VariableFormat::env) return lines(all);
  std::string text;
  for (const auto& [name, value] : all.set)
    text.append("export ").append(name).append("=").append(for_a_shell(value)).append("\n");
  return text;
}

} // namespace purser::cli::jobs
