#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

namespace purser {

// The canonical form of what a client calls a registry.
//
// Clients spell one registry in many ways (`HOST`, `https://HOST/v2/`, `HOST:443`,
// `docker.io`, `https://index.docker.io/v1/`, `HOST/repository/path`): all of them
// become `registry[/repository]`, lower-case host, port only where it is not 443
// (80 after `http://`). Docker Hub is `docker.io`. The two keys under which the
// Docker client keeps its OAuth tokens (`https://index.docker.io/v1/access-token`
// and `/refresh-token`) are opaque: they equal nothing but themselves.
//
// Needs no library and no heap, so that the helper can use it.
class RegistryKey {
public:
  static constexpr std::size_t k_max_size = 1024;

  // Nothing where `asked` is no registry: empty, longer than k_max_size, control
  // characters or spaces (other than around it), user information, a query or a
  // fragment, an escaped host, bytes outside ASCII, a port that is not 1 to 65535.
  [[nodiscard]] static std::optional<RegistryKey> parse(std::string_view asked);

  // `registry[/repository]`, or the opaque key. Equal texts mean the same key.
  [[nodiscard]] std::string_view text() const { return {text_.data(), size_}; }
  // `host[:port]`; the whole text where the key is opaque.
  [[nodiscard]] std::string_view registry() const { return {text_.data(), registry_size_}; }
  // Without port; IPv6 addresses keep their brackets.
  [[nodiscard]] std::string_view host() const { return {text_.data(), host_size_}; }
  // Empty where there is none.
  [[nodiscard]] std::string_view port() const;
  // Empty where the client did not send one.
  [[nodiscard]] std::string_view repository() const;
  [[nodiscard]] bool opaque() const { return opaque_; }

  // How docker would write this key: `https://index.docker.io/v1/` for Docker Hub,
  // the text itself for all others.
  [[nodiscard]] std::string_view docker_spelling() const;

  friend bool operator==(const RegistryKey& a, const RegistryKey& b)
  {
    return a.text() == b.text();
  }

private:
  RegistryKey() = default;

  std::array<char, k_max_size> text_{};
  std::size_t size_ = 0;
  std::size_t registry_size_ = 0;
  std::size_t host_size_ = 0;
  bool opaque_ = false;
};

} // namespace purser
