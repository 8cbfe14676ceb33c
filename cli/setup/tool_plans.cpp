#include "cli/setup/tool_plans.hpp"

#include "cli/setup/text_plan.hpp"

#include <utility>

namespace purser::cli::setup {
namespace {

constexpr std::string_view k_kubelet_head = R"(# Written by `purser setup`.
apiVersion: kubelet.config.k8s.io/v1
kind: CredentialProviderConfig
providers:
  - name: purser-kubelet-provider
    apiVersion: credentialprovider.kubelet.k8s.io/v1
    matchImages:
      - "*.dkr.ecr.*.amazonaws.com"
)";

constexpr std::string_view k_kubelet_tail = R"(    defaultCacheDuration: 0s
    env:
      - name: HOME
        value: )";

bool has_line(std::string_view text, std::string_view line)
{
  const std::string whole = "\n" + std::string(text) + "\n";
  return whole.find("\n" + std::string(line) + "\n") != std::string::npos;
}

} // namespace

Planned plan_bazel(const std::string& path,
                   const std::string& helper,
                   const std::vector<RegistryKey>& registries)
{
  auto file = EditedFile::read(path);
  if (!file) return file.error();
  std::vector<std::string> scopes{"*.amazonaws.com", "public.ecr.aws"};
  for (const auto& key : registries) // Docker Hub does not take what we can say to bazel
    if (key.host() != "docker.io") scopes.emplace_back(key.host());
  std::string lines;
  for (const auto& scope : scopes) {
    auto line = "common --credential_helper=" + scope;
    line.append("=").append(helper);
    if (!has_line(file->text(), line) && !has_line(lines, line)) lines += line + "\n";
  }
  auto record = new_record("bazel", path, *file);
  return plan_appended(std::move(*file), std::move(record), lines);
}

Planned plan_kubelet(const std::string& path, const std::vector<RegistryKey>& registries)
{
  auto file = EditedFile::read(path);
  if (!file) return file.error();
  std::string text(k_kubelet_head);
  for (const auto& key : registries)
    text += "      - \"" + std::string(key.registry()) + "\"\n";
  text += std::string(k_kubelet_tail) + "/root\n";
  if (file->exists() && file->text() != text)
    return Error(Errc::interaction_required,
                 path + " is there already; add the provider to it by hand (docs/kubelet.md)");
  auto record = new_record("kubelet", path, *file);
  if (!record.created) text.clear();
  return plan_appended(std::move(*file), std::move(record), text);
}

} // namespace purser::cli::setup
