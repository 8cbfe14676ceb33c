#include "daemon/server/kubelet_messages.hpp"

#include "common/docker_words.hpp"
#include "daemon/config/checked_json.hpp"
#include "daemon/server/json_text.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace purser::kubelet {
namespace {

constexpr std::string_view k_kind = "CredentialProviderRequest";
constexpr std::array<std::string_view, 3> k_versions{"credentialprovider.kubelet.k8s.io/v1",
                                                     "credentialprovider.kubelet.k8s.io/v1beta1",
                                                     "credentialprovider.kubelet.k8s.io/v1alpha1"};
constexpr std::array<std::string_view, 5> k_members{
    "kind", "apiVersion", "image", "serviceAccountToken", "serviceAccountAnnotations"};
constexpr const char* k_token = "serviceAccountToken";
constexpr const char* k_annotations = "serviceAccountAnnotations";

template <class Range>
bool contains(const Range& range, std::string_view text)
{
  return std::find(range.begin(), range.end(), text) != range.end();
}

Error wrong(std::string what)
{
  return Error{Errc::bad_request, "standard input is no request of the kubelet: " + what};
}

const std::string* text_of(const nlohmann::json& json, const char* name)
{
  const auto found = json.find(name);
  return found == json.end() ? nullptr : found->get_ptr<const std::string*>();
}

// The characters of a JWT, so that it stays one variable of one line.
bool is_token(std::string_view text)
{
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.' || c == '=';
  });
}

bool are_annotations(const nlohmann::json& json)
{
  return json.is_object() &&
         std::all_of(json.begin(), json.end(), [](const auto& value) { return value.is_string(); });
}

Result<> read_account(const nlohmann::json& json, Request& request)
{
  if (json.contains(k_token)) {
    const std::string* const token = text_of(json, k_token);
    if (token == nullptr || !is_token(*token)) return wrong("serviceAccountToken is no token");
    request.account_token = Secret(*token);
    request.for_account = true;
  }
  if (json.contains(k_annotations)) {
    if (!are_annotations(json.at(k_annotations)))
      return wrong("serviceAccountAnnotations is no object of texts");
    request.for_account = true;
  }
  return {};
}

// Whether the part of an image's name in front of its first slash is a registry (and not the
// first component of a repository of Docker Hub's), as docker's grammar has it.
bool is_registry(std::string_view part)
{
  return part == "localhost" || part.find_first_of(".:") != std::string_view::npos ||
         std::any_of(part.begin(), part.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

// `path` begins with the slash after the registry, or is the whole name.
std::string_view without_tag(std::string_view path)
{
  path = path.substr(0, path.find('@'));
  const auto colon = path.rfind(':');
  const auto slash = path.rfind('/');
  const bool is_tag =
      colon != std::string_view::npos && (slash == std::string_view::npos || colon > slash);
  return is_tag ? path.substr(0, colon) : path;
}

void add_member(WipingBuffer& out, std::string_view name, std::string_view text)
{
  append_json_string(out, name);
  out.push_back(':');
  append_json_string(out, text);
}

} // namespace

Result<Request> parse_request(std::string_view text)
{
  const auto json = parse_checked_json(text, JsonComments::refused);
  if (!json) return wrong(json.error().what);
  if (!json->is_object()) return wrong("it is no JSON object");
  for (const auto& member : json->items())
    if (!contains(k_members, member.key()))
      return wrong("its member \"" + shown_key(member.key()) +
                   "\" is not known here; is the kubelet newer than purser?");
  const std::string* const kind = text_of(*json, "kind");
  if (kind == nullptr || *kind != k_kind) return wrong("its kind is not " + std::string(k_kind));
  const std::string* const version = text_of(*json, "apiVersion");
  if (version == nullptr || !contains(k_versions, *version))
    return wrong("its apiVersion is none of credentialprovider.kubelet.k8s.io/v1, v1beta1 and "
                 "v1alpha1");
  const std::string* const image = text_of(*json, "image");
  if (image == nullptr || image->empty()) return wrong("it names no image");

  Request request;
  request.api_version = *version;
  request.image = *image;
  if (const auto read = read_account(*json, request); !read) return read.error();
  return request;
}

std::optional<ImageName> parse_image(std::string_view image)
{
  constexpr std::string_view k_hub = "docker.io";
  if (image.find("://") != std::string_view::npos) return std::nullopt;
  const auto slash = image.find('/');
  const bool has_path = slash != std::string_view::npos;
  const std::string_view first = image.substr(0, slash);
  if (without_tag(first).empty()) return std::nullopt;
  std::string registry(k_hub);
  std::string repository(has_path ? "/" : "/library/");
  if (has_path && is_registry(first)) {
    registry = first;
    repository = without_tag(image.substr(slash));
  } else {
    repository += without_tag(image);
  }
  const auto key = RegistryKey::parse(registry + repository);
  if (!key) return std::nullopt;
  return ImageName{*key, std::move(registry)};
}

Result<WipingBuffer> response(const Request& request,
                              CacheKey key,
                              std::chrono::seconds keep,
                              std::string_view registry,
                              const Handout* handout)
{
  if (handout != nullptr && handout->username == docker_words::k_identity_token)
    return Error{Errc::misconfigured, "an identity token is stored for it, which the kubelet "
                                      "cannot use: log in with a user name and a password"};
  WipingBuffer out;
  append(out, "{");
  add_member(out, "kind", "CredentialProviderResponse");
  append(out, ",");
  add_member(out, "apiVersion", request.api_version);
  append(out, ",");
  add_member(out, "cacheKeyType", key == CacheKey::registry ? "Registry" : "Image");
  append(out, ",");
  add_member(out, "cacheDuration", go_duration(keep));
  append(out, R"(,"auth":{)");
  if (handout != nullptr) {
    append_json_string(out, registry);
    append(out, ":{");
    add_member(out, "username", handout->username);
    append(out, ",");
    add_member(out, "password", handout->secret.reveal());
    append(out, "}");
  }
  append(out, "}}\n");
  return out;
}

std::string go_duration(std::chrono::seconds d)
{
  const auto seconds = d.count();
  std::string text;
  if (seconds >= 3600) text += std::to_string(seconds / 3600) + "h";
  if (seconds >= 60) text += std::to_string(seconds / 60 % 60) + "m";
  return text + std::to_string(seconds % 60) + "s";
}

} // namespace purser::kubelet
