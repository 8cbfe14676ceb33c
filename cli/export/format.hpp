#pragma once

#include "cli/export/credential.hpp"
#include "common/result.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace purser::cli {

// The forms in which other tools read credentials from a file (docs/export.md).
enum class ExportFormat {
  auth_json,        // containers-auth.json(5); docker's config.json has the same members
  dockerconfigjson, // a Secret of Kubernetes, of type kubernetes.io/dockerconfigjson
  netrc,            // of curl, git, pip and others
};

[[nodiscard]] std::optional<ExportFormat> export_format(std::string_view name);
// What a file of that form is called where nobody names one.
[[nodiscard]] std::string_view default_name(ExportFormat format);

// What a Secret of Kubernetes may be called (DNS-1123).
[[nodiscard]] bool is_secret_name(std::string_view name);

// The file's text. `name` is that of the Secret, for its form only. misconfigured, with the
// registry, where the form cannot express a credential: netrc knows no ports, repositories,
// identity tokens, blanks and quotation marks, and one credential for each host.
[[nodiscard]] Result<Secret> export_text(ExportFormat format,
                                         const std::vector<const ExportedCredential*>& credentials,
                                         const std::string& name);

} // namespace purser::cli
