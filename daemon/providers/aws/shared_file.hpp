#pragma once

#include "common/result.hpp"
#include "common/secret.hpp"

#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace purser::aws {

// Values by lower-case name. A value may be a secret, so all of them are kept as such.
using Properties = std::map<std::string, Secret, std::less<>>;

struct Section {
  Properties properties;
  std::map<std::string, Properties, std::less<>> nested; // `s3 =` and indented lines
};

// One of the files that AWS's tools share. Sections that do not belong into it, or have
// a name that is not valid, are left out, as AWS's tools do.
struct SharedFile {
  enum class Kind { config, credentials };
  using Sections = std::map<std::string, Section, std::less<>>;

  Sections profiles;
  Sections services;     // config only
  Sections sso_sessions; // config only

  // misconfigured where a line is not of the grammar. The error begins with `name`, names
  // the line, and quotes nothing of it.
  //
  // Source: "Shared config and credentials files" in the AWS SDKs and Tools Reference
  // Guide; the parsers of the AWS SDKs where it is silent.
  [[nodiscard]] static Result<SharedFile>
  parse(std::string_view text, Kind kind, std::string_view name);
};

} // namespace purser::aws
