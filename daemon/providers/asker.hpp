#pragma once

#include "common/wiping.hpp"

#include <sys/types.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace purser {

struct Diagnosis;

// Variables that came with one request, or the daemon's own. Its memory is wiped.
class Environment {
public:
  Environment() = default;
  // `entries` holds `NAME=VALUE`, each ended by a NUL byte. Entries without `=` are
  // dropped; the first of two equal names wins.
  explicit Environment(std::string_view entries);
  Environment(Environment&&) noexcept = default;
  Environment& operator=(Environment&&) noexcept = default;

  // The value; nothing where it is unset, empty or only blanks (as the AWS SDKs
  // see it), with blanks around it cut off.
  [[nodiscard]] std::optional<std::string_view> get(std::string_view name) const;

  // Whether it is set at all, be it to nothing.
  [[nodiscard]] bool is_set(std::string_view name) const;

  // visit(name, value) for each one that is set, by name; of equal names the first.
  template <class Visitor>
  void visit(Visitor visitor) const
  {
    std::string_view last;
    for (const auto& [name, value] : variables_)
      if (!value.empty() && name != std::exchange(last, name)) visitor(name, value);
  }

private:
  WipingBuffer bytes_;
  std::vector<std::pair<std::string_view, std::string_view>> variables_; // into bytes_, by name
};

// Who asks. Files and programs that the variables name count only where `local`:
// the peer shares our mount namespace, so that its paths are our paths.
struct Asker {
  Asker() = default;
  Asker(Environment e, std::string d, bool l) : env(std::move(e)), cwd(std::move(d)), local(l) {}

  Environment env;
  std::string cwd; // empty where unknown
  bool local = false;
  // Where somebody wants to hear what is found on the way; null otherwise.
  std::shared_ptr<Diagnosis> diagnosis;
};

} // namespace purser
