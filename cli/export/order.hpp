#pragma once

#include "cli/export/format.hpp"
#include "common/registry_key.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace purser::cli {

// What `purser export` was asked for.
struct ExportOrder {
  ExportFormat format = ExportFormat::auth_json;
  std::vector<RegistryKey> registries; // each once
  std::string output;                  // a path; `-`: standard output; empty: the default one
  std::string name;                    // of a Secret of Kubernetes
  bool plaintext_file = false;         // it may lie on a disk
  bool keep = false;
  std::chrono::seconds interval{};
};

} // namespace purser::cli
