// Arbitrary bytes as AWS's shared files.
#include "daemon/providers/aws/profile_settings.hpp"
#include "daemon/providers/aws/shared_file.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

// NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer calls
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* input, std::size_t size)
{
  using namespace purser::aws;
  const std::string_view text(reinterpret_cast<const char*>(input), size);
  auto config = SharedFile::parse(text, SharedFile::Kind::config, "FILE");
  auto credentials = SharedFile::parse(text, SharedFile::Kind::credentials, "FILE");
  if (!config && config.error().what.rfind("FILE line ", 0) != 0) std::abort();
  if (!config || !credentials) return 0;
  if (!credentials->services.empty() || !credentials->sso_sessions.empty()) std::abort();
  const Profiles profiles(std::move(*config), std::move(*credentials), ProfilePaths());
  (void)read_settings(profiles, "default");
  return 0;
}
