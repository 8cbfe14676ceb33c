#include "daemon/server/spoken_error.hpp"

#include "daemon/server/docker_messages.hpp"

#include <string>
#include <string_view>

namespace purser {
namespace {

unsigned status_of(Errc code)
{
  switch (code) {
  case Errc::bad_request: return 400;
  case Errc::timeout: return 504;
  case Errc::internal: return 500;
  default: return 502;
  }
}

} // namespace

ServerResponse spoken_error(AuditEvent& trail, const Error& error)
{
  trail.outcome = to_string(error.code);
  const std::string_view registry = trail.registry;
  ServerResponse response(status_of(error.code),
                          docker::error_line(registry.empty() ? "request" : registry, error));
  response.for_standard_error = true;
  return response;
}

} // namespace purser
