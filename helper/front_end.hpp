#pragma once

#include "common/protocol.hpp"

#include <string_view>

namespace purser::helper {

// Whose protocol our caller speaks.
enum class FrontEnd {
  docker,  // docker-credential-NAME: everything is said on standard output
  bazel,   // EngFlow's Credential Helpers, `get` with JSON on standard input
  kubelet, // credentialprovider.kubelet.k8s.io, under a name of its own and without arguments
};

// The name under which the kubelet starts this program.
inline constexpr std::string_view k_kubelet_name = "purser-kubelet-provider";

// Where the daemon has it; a verb follows.
[[nodiscard]] constexpr std::string_view path_of(FrontEnd front_end)
{
  switch (front_end) {
  case FrontEnd::docker: return protocol::k_docker_path;
  case FrontEnd::bazel: return protocol::k_bazel_path;
  case FrontEnd::kubelet: return protocol::k_kubelet_path;
  }
  return {};
}

// A key of docker's never begins like this, and JSON that Bazel writes always does.
[[nodiscard]] constexpr FrontEnd front_end_of_get(std::string_view input)
{
  return input.starts_with('{') ? FrontEnd::bazel : FrontEnd::docker;
}

} // namespace purser::helper
