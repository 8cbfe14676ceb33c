#include "daemon/providers/standpoint.hpp"

#include <array>
#include <initializer_list>
#include <utility>

namespace purser {
namespace {

std::string first_of(const Standpoint& standpoint, std::initializer_list<std::string_view> names)
{
  for (const std::string_view name : names) {
    if (const auto value = standpoint.get(name)) return std::string(*value);
  }
  return {};
}

} // namespace

Standpoint Standpoint::of_asker(std::shared_ptr<const Asker> asker,
                                std::optional<std::string> own_home)
{
  Standpoint standpoint;
  standpoint.files_ = asker->local;
  standpoint.cwd_ = asker->cwd;
  standpoint.env_ = std::shared_ptr<const Environment>(asker, &asker->env);
  const auto home = asker->env.get("HOME");
  standpoint.home_ = home ? std::optional<std::string>(*home) : std::move(own_home);
  return standpoint;
}

Standpoint Standpoint::of_daemon(std::shared_ptr<const Environment> own)
{
  Standpoint standpoint;
  standpoint.files_ = true;
  if (const auto home = own->get("HOME")) standpoint.home_ = *home;
  standpoint.env_ = std::move(own);
  return standpoint;
}

std::optional<std::string_view> Standpoint::get(std::string_view name) const
{
  return env_->get(name);
}

Result<std::optional<std::string>> Standpoint::path(std::string_view variable) const
{
  const auto value = files_ ? env_->get(variable) : std::nullopt;
  if (!value) return std::optional<std::string>{};
  auto found = absolute(*value, variable);
  if (!found) return found.error();
  return std::optional(std::move(*found));
}

Result<std::string> Standpoint::absolute(std::string_view name, std::string_view where) const
{
  if (name.starts_with('/')) return std::string(name);
  if (name == "~" || name.starts_with("~/")) {
    if (home_) return *home_ + std::string(name.substr(1));
    return Error{Errc::misconfigured,
                 std::string(where) +
                     " names a file in the home folder, but HOME is not set: set it"};
  }
  if (cwd_.starts_with('/')) return cwd_ + "/" + std::string(name);
  return Error{Errc::misconfigured,
               std::string(where) +
                   " names a file that does not begin with /: write the whole name"};
}

std::string Standpoint::in_home(std::string_view rest) const
{
  return files_ && home_ ? *home_ + "/" + std::string(rest) : std::string{};
}

Result<Egress> find_egress(const Standpoint& standpoint, std::string_view profile_ca)
{
  Egress egress;
  egress.https_proxy = first_of(standpoint, {"HTTPS_PROXY", "https_proxy"});
  egress.http_proxy = first_of(standpoint, {"HTTP_PROXY", "http_proxy"});
  egress.no_proxy = first_of(standpoint, {"NO_PROXY", "no_proxy"});

  auto bundle = standpoint.path("AWS_CA_BUNDLE");
  if (!bundle) return bundle.error();
  if (!*bundle && !profile_ca.empty()) bundle = std::optional<std::string>(profile_ca);
  if (*bundle) {
    egress.ca_file = std::move(**bundle);
    return egress;
  }
  auto file = standpoint.path("SSL_CERT_FILE");
  if (!file) return file.error();
  auto folder = standpoint.path("SSL_CERT_DIR");
  if (!folder) return folder.error();
  egress.ca_file = file->value_or("");
  egress.ca_dir = folder->value_or("");
  return egress;
}

} // namespace purser
