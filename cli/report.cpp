#include "cli/report.hpp"

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

} // namespace purser::cli
