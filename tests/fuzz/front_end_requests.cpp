// Arbitrary bytes as a request of Bazel's or the kubelet's. What is understood is as the rest of
// the daemon relies on it to be, and the helper's guess at a URI is the daemon's.
#include "daemon/server/bazel_messages.hpp"
#include "daemon/server/kubelet_messages.hpp"
#include "helper/bazel_request.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using namespace purser;

void check(bool holds)
{
  if (!holds) std::abort();
}

bool is_printable(std::string_view text)
{
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

void check_bazel(std::string_view input)
{
  const auto uri = bazel::parse_request(input);
  const RegistryUrl guessed = helper::url_of_bazel_request(input);
  if (!uri) return;
  const RegistryUrl url = parse_registry_url(*uri);
  if (url.key) check(is_printable(url.key->text()) && !url.key->opaque());
  if (guessed.kind == RegistryUrl::Kind::malformed) return;
  // An escape behind the host can make a URI of what is none.
  if (url.kind == RegistryUrl::Kind::malformed) return;
  check(guessed.kind == url.kind);
  if (guessed.key) check(guessed.key->text() == url.key->text());
}

void check_kubelet(std::string_view input)
{
  const auto request = kubelet::parse_request(input);
  if (!request) return;
  check(is_printable(request->account_token.reveal()));
  const auto image = kubelet::parse_image(request->image);
  if (image) check(is_printable(image->registry) && !image->key.opaque());
}

} // namespace

// NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer calls
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* input, std::size_t size)
{
  const std::string_view bytes(reinterpret_cast<const char*>(input), size);
  check_bazel(bytes);
  check_bazel("{\"uri\":\"https://" + std::string(bytes));
  check_kubelet(bytes);
  (void)kubelet::parse_image(bytes);
  return 0;
}
