#pragma once

#include "common/registry_key.hpp"
#include "common/result.hpp"
#include "common/secret.hpp"
#include "common/wiping.hpp"
#include "daemon/cache/token_cache.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

// What the kubelet and its image credential providers say to each other: the API
// credentialprovider.kubelet.k8s.io, versions v1, v1beta1 and v1alpha1. Source: k8s.io/kubelet,
// pkg/apis/credentialprovider.
namespace purser::kubelet {

struct Request {
  std::string api_version; // whole, as the answer repeats it
  std::string image;
  // Whether a pod's service account asks: by its token, its annotations, or both.
  bool for_account = false;
  Secret account_token; // a JWT; empty where there is none
};
// bad_request for everything that is not such a request, also where a member is unknown (a
// later kubelet may say by it for whom it asks) or comes twice. The text is never quoted.
[[nodiscard]] Result<Request> parse_request(std::string_view json);

// The registry of an image.
struct ImageName {
  RegistryKey key;      // with the repository
  std::string registry; // as the image spells it: the kubelet compares the texts
};
// An image without a registry is Docker Hub's. A tag and a digest say nothing.
[[nodiscard]] std::optional<ImageName> parse_image(std::string_view image);

// Whom an answer is for: all images of the registry, or only the one that was asked for.
enum class CacheKey { registry, image };

// `handout` may be null: the kubelet then asks without a credential. misconfigured where the
// API cannot carry it.
[[nodiscard]] Result<WipingBuffer> response(const Request& request,
                                            CacheKey key,
                                            std::chrono::seconds keep,
                                            std::string_view registry,
                                            const Handout* handout);

// As Go writes a duration: "5h59m0s", "0s". Not negative.
[[nodiscard]] std::string go_duration(std::chrono::seconds d);

} // namespace purser::kubelet
