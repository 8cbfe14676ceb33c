#pragma once

#include <cstddef>
#include <string_view>

// What the helper and the daemon agree on. docs/protocol.md is the contract; these
// are its numbers and names.
namespace purser::protocol {

inline constexpr int k_version = 1;

inline constexpr std::string_view k_docker_path = "/v1/docker/"; // then the verb
inline constexpr std::string_view k_bazel_path = "/v1/bazel/";
inline constexpr std::string_view k_kubelet_path = "/v1/kubelet/";
inline constexpr std::string_view k_doctor_path = "/v1/doctor";
inline constexpr std::string_view k_refresh_path = "/v1/refresh";
inline constexpr std::string_view k_access_path = "/v1/access";
inline constexpr std::string_view k_login_path = "/v1/login";
inline constexpr std::string_view k_logout_path = "/v1/logout";
inline constexpr std::string_view k_import_path = "/v1/import/"; // then the verb
inline constexpr std::string_view k_store_path = "/v1/store";    // and what is done with it
inline constexpr std::string_view k_namespaces_path = "/v1/namespaces";
inline constexpr std::string_view k_recover_path = "/v1/recover";
inline constexpr std::string_view k_token_path = "/v1/token";
inline constexpr std::string_view k_metrics_path = "/metrics";
inline constexpr std::string_view k_version_header = "Purser-Version";
inline constexpr std::string_view k_deadline_header = "Purser-Deadline-Ms";
inline constexpr std::string_view k_stream_header = "Purser-Stream";

// Limits, in bytes.
inline constexpr std::size_t k_max_stdin = std::size_t{1} << 20;
inline constexpr std::size_t k_max_environment = std::size_t{256} << 10;
inline constexpr std::size_t k_max_body = k_max_stdin + k_max_environment;
inline constexpr std::size_t k_max_head = std::size_t{8} << 10;
inline constexpr std::size_t k_max_answer = std::size_t{4} << 20;

// Limits, in milliseconds. The helper ends after k_helper_limit_ms whatever happens;
// the daemon answers a waiting client within k_wait_limit_ms.
inline constexpr int k_helper_limit_ms = 9000;
inline constexpr int k_wait_limit_ms = 8500;

} // namespace purser::protocol
