#include "cli/report.hpp"

#include "common/registry_key.hpp"

namespace purser::cli {

Result<nlohmann::json> ask(std::string_view target)
{
  const auto client = ControlClient::from_environment();
  if (!client) return client.error();
  return client->get(target);
}

ExitCode report(const Error& error, std::ostream& err)
{
  err << "purser: " << error.what << '\n';
  return error.code == Errc::not_configured ? ExitCode::no_daemon : ExitCode::failure;
}

bool has_later_colon(std::string_view text)
{
  constexpr std::string_view k_scheme_end = "://";
  if (const auto at = text.find(k_scheme_end); at != std::string_view::npos)
    text.remove_prefix(at + k_scheme_end.size());
  const auto slash = text.find('/');
  return slash != std::string_view::npos && text.find(':', slash) != std::string_view::npos;
}

bool names_registry(std::string_view text, std::ostream& err)
{
  if (RegistryKey::parse(text) && !has_later_colon(text)) return true;
  err << "purser: this is not the name of a registry; expected HOST[:PORT][/REPOSITORY]\n";
  return false;
}

} // namespace purser::cli
