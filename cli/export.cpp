#include "cli/export.hpp"

#include "cli/export/exported_file.hpp"
#include "cli/export/exported_set.hpp"
#include "cli/export/stop_signals.hpp"
#include "cli/helper_program.hpp"
#include "cli/report.hpp"

#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <system_error>

namespace purser::cli {
namespace {

constexpr std::size_t k_max_registries = 64;
constexpr int k_interval = 30; // seconds
constexpr int k_max_interval = 300;

ExitCode fail(const Error& error, std::ostream& err)
{
  err << "purser: " << error.what << '\n';
  return ExitCode::failure;
}

// That which clients run, or the one beside us.
std::optional<std::string> installed_helper()
{
  const char* const path = ::secure_getenv("PATH");
  if (auto found = find_helper(path == nullptr ? "" : path)) return found;
  std::error_code problem;
  const auto own = std::filesystem::read_symlink("/proc/self/exe", problem);
  return problem ? std::nullopt : find_helper(own.parent_path().string());
}

ExitCode print(const Secret& text, std::ostream& out)
{
  out << text.reveal() << std::flush;
  return out ? ExitCode::success : ExitCode::failure;
}

Result<ExportedFile> open_file(const ExportOrder& order)
{
  if (!order.output.empty()) return ExportedFile::at(order.output, order.plaintext_file);
  const auto path = default_export_path(default_name(order.format));
  if (!path) return path.error();
  return ExportedFile::at(*path, order.plaintext_file);
}

void keep_current(const ExportOrder& order,
                  ExportedSet& credentials,
                  ExportedFile& file,
                  const StopSignals& stop,
                  std::ostream& err)
{
  std::string told;
  while (!stop.wait(order.interval)) {
    credentials.ask(stop);
    const auto text = credentials.text();
    const Result<> written = text ? file.write(*text) : Result<>(text.error());
    const std::string wrong = written ? "" : written.error().what;
    if (wrong != told && !wrong.empty()) err << "purser: " << wrong << std::endl;
    told = wrong;
  }
}

ExitCode export_to_file(const ExportOrder& order,
                        ExportedSet& credentials,
                        ExportedFile& file,
                        const StopSignals& stop,
                        std::ostream& out,
                        std::ostream& err)
{
  const auto text = credentials.text();
  if (!text) return fail(text.error(), err);
  if (const auto written = file.write(*text); !written) return fail(written.error(), err);
  if (file.on_disk())
    err << "purser: " << file.path()
        << " holds passwords in plain text on a disk: remove it as soon as it has served\n";
  out << file.path() << std::endl; // whoever waits for the file reads it now
  if (!order.keep) return ExitCode::success;
  keep_current(order, credentials, file, stop, err);
  file.remove();
  return ExitCode::success;
}

bool add_registries(const std::vector<std::string>& names, ExportOrder& order, std::ostream& err)
{
  for (const auto& name : names) {
    if (!names_registry(name, err)) return false;
    const auto key = RegistryKey::parse(name);
    if (std::find(order.registries.begin(), order.registries.end(), *key) == order.registries.end())
      order.registries.push_back(*key);
  }
  return true;
}

bool is_usable(const ExportOrder& order, std::ostream& err)
{
  const bool to_output = order.output == "-";
  if (!is_secret_name(order.name))
    err << "purser: --name is no name of a Secret: lower-case letters, digits, - and . only\n";
  else if (to_output && order.keep)
    err << "purser: --keep needs a file to keep: leave --output - out\n";
  else if (to_output && ::isatty(STDOUT_FILENO) != 0)
    err << "purser: passwords are not printed to a terminal: use a pipe, or a file\n";
  else
    return true;
  return false;
}

} // namespace

ExitCode export_credentials(const ExportOrder& order, std::ostream& out, std::ostream& err)
{
  ::prctl(PR_SET_DUMPABLE, 0); // no core file, and no other process reads our memory
  const auto helper = installed_helper();
  if (!helper)
    return fail(Error(Errc::misconfigured,
                      "docker-credential-purser is not on PATH: install it, or correct PATH"),
                err);
  const StopSignals stop;
  ExportedSet credentials(*helper, order, err);
  if (order.output == "-") {
    credentials.ask(stop);
    if (credentials.verdict() != ExitCode::success) return credentials.verdict();
    const auto text = credentials.text();
    return text ? print(*text, out) : fail(text.error(), err);
  }
  auto file = open_file(order);
  if (!file) return fail(file.error(), err);
  credentials.ask(stop);
  if (credentials.verdict() != ExitCode::success) return credentials.verdict();
  if (stop.wait(std::chrono::milliseconds(0))) return ExitCode::failure;
  return export_to_file(order, credentials, *file, stop, out, err);
}

namespace {

struct Words {
  std::vector<std::string> registries;
  std::string format = "auth.json";
  int interval = k_interval;
  ExportOrder order;
};

ExitCode export_as_told(Words& words)
{
  words.order.format = export_format(words.format).value_or(ExportFormat::auth_json);
  words.order.interval = std::chrono::seconds(words.interval);
  if (!add_registries(words.registries, words.order, std::cerr) ||
      !is_usable(words.order, std::cerr))
    return ExitCode::usage;
  return export_credentials(words.order, std::cout, std::cerr);
}

} // namespace

void add_export(CLI::App& app, Chosen& chosen)
{
  auto words = std::make_shared<Words>();
  words->order.name = "registry-credentials";
  auto* command = app.add_subcommand("export", "Writes credentials to a file for other tools");
  command->add_option("REGISTRY", words->registries, "HOST[:PORT][/REPOSITORY]")->required();
  command->add_option("--format", words->format, "auth.json, dockerconfigjson or netrc")
      ->check(CLI::IsMember({"auth.json", "dockerconfigjson", "netrc"}))
      ->capture_default_str();
  command->add_option("--output", words->order.output, "The file; -: standard output")
      ->check([](const std::string& path) {
        return std::string(path.empty() ? "wants the name of a file" : "");
      });
  auto* name =
      command->add_option("--name", words->order.name, "Of the Secret, for dockerconfigjson");
  command->add_flag("--plaintext-file", words->order.plaintext_file, "It may lie on a disk");
  auto* keep =
      command->add_flag("--keep", words->order.keep, "Keep it current, and remove it at the end");
  command->add_option("--interval", words->interval, "Seconds between two looks")
      ->check(CLI::Range(1, k_max_interval))
      ->capture_default_str()
      ->needs(keep);
  command->callback([words, name, &chosen] {
    if (name->count() != 0 && words->format != "dockerconfigjson")
      throw CLI::ValidationError("--name", "is of a Secret: it needs --format dockerconfigjson");
    if (words->registries.size() > k_max_registries)
      throw CLI::ValidationError("REGISTRY", "at most 64 of them");
    chosen = [words] { return export_as_told(*words); };
  });
}

} // namespace purser::cli
