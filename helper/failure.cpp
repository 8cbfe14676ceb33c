#include "helper/failure.hpp"

#include "common/docker_words.hpp"
#include "common/namespace_name.hpp"
#include "common/registry_key.hpp"
#include "common/slice.hpp"
#include "helper/bazel_request.hpp"
#include "helper/environment.hpp"
#include "helper/managed_hosts.hpp"
#include "helper/streams.hpp"

#include <optional>

namespace purser::helper {
namespace {

constexpr int k_failed = 1; // some clients take every other code for a crash

// What the clients that are written in Go send to `store` begins like this.
constexpr std::string_view k_store_begin = "{\"ServerURL\":\"";

std::optional<RegistryKey> registry_of(Verb verb, std::string_view input)
{
  if (verb == Verb::list) return std::nullopt;
  if (verb != Verb::store) return RegistryKey::parse(trimmed(input));
  if (!begins_with(input, k_store_begin)) return std::nullopt;
  const std::string_view rest = tail(input, k_store_begin.size());
  return RegistryKey::parse(head(rest, rest.find('"')));
}

// purser: HOST: cause; remedy
int say_error(FrontEnd front_end,
              const std::optional<RegistryKey>& registry,
              const Ending& ending,
              const Deadline& deadline)
{
  Line line;
  line << "purser: ";
  if (registry) line.quote(registry->registry()) << ": ";
  line << ending.cause.text() << "; " << ending.remedy << "\n";
  const Stream stream = front_end == FrontEnd::docker ? Stream::output : Stream::error;
  static_cast<void>(write_text(stream, line.text(), deadline));
  return k_failed;
}

// A namespace that is none: what is stored in it nobody can know.
bool names_no_namespace()
{
  const std::string_view name = variable(k_namespace_variable);
  return name.data() != nullptr && !is_namespace(name);
}

// As the daemon says it.
Ending no_namespace()
{
  Ending ending;
  ending.cause << k_namespace_variable << " names no namespace: it takes " << k_namespace_form;
  ending.remedy = "unset it to use what is stored without one";
  return ending;
}

int say_not_found(const Deadline& deadline)
{
  Line line;
  line << docker_words::k_not_found << "\n";
  static_cast<void>(write_text(Stream::output, line.text(), deadline));
  return k_failed;
}

int say_empty_object(const Deadline& deadline)
{
  return write_text(Stream::output, "{}\n", deadline) ? 0 : k_failed;
}

// Old versions of docker drop every credential they have when a list fails.
int say_empty_list(const Deadline& deadline)
{
  return say_empty_object(deadline);
}

int answer_docker(Verb verb,
                  std::string_view input,
                  const Ending& ending,
                  std::span<char> scratch,
                  const Deadline& deadline)
{
  if (verb == Verb::list) return say_empty_list(deadline);
  const auto registry = registry_of(verb, input);
  const bool there_is_none = ending.kind == Ending::Kind::no_daemon;
  if (verb == Verb::store || !there_is_none)
    return say_error(FrontEnd::docker, registry, ending, deadline);
  if (!registry)
    return say_failure(FrontEnd::docker, "what was asked for is not the name of a registry",
                       "ask for HOST[:PORT][/REPOSITORY]", deadline);
  if (look_up(*registry, scratch) != Managed::no)
    return say_error(FrontEnd::docker, registry, ending, deadline);
  if (names_no_namespace()) return say_error(FrontEnd::docker, registry, no_namespace(), deadline);
  // Clients that log out take an error for fatal, and here is nothing to erase.
  return verb == Verb::erase ? 0 : say_not_found(deadline);
}

// No headers only where that is certain: Bazel would fetch without them, and what it is then
// refused tells nobody why.
int answer_bazel(std::string_view input,
                 const Ending& ending,
                 std::span<char> scratch,
                 const Deadline& deadline)
{
  const RegistryUrl url = url_of_bazel_request(input);
  if (url.kind == RegistryUrl::Kind::elsewhere) return say_empty_object(deadline);
  const bool there_is_none = ending.kind == Ending::Kind::no_daemon;
  const bool is_clear = url.key.has_value() && !url.unclear_path;
  const bool may_do_without =
      there_is_none && is_clear && look_up(*url.key, scratch) == Managed::no;
  if (may_do_without && names_no_namespace())
    return say_error(FrontEnd::bazel, url.key, no_namespace(), deadline);
  if (may_do_without) return say_empty_object(deadline);
  return say_error(FrontEnd::bazel, url.key, ending, deadline);
}

} // namespace

int say_failure(FrontEnd front_end,
                std::string_view cause,
                std::string_view remedy,
                const Deadline& deadline)
{
  Ending ending;
  ending.cause << cause;
  ending.remedy = remedy;
  return say_error(front_end, std::nullopt, ending, deadline);
}

int answer_without_daemon(FrontEnd front_end,
                          Verb verb,
                          std::string_view input,
                          const Ending& ending,
                          std::span<char> scratch,
                          const Deadline& deadline)
{
  switch (front_end) {
  case FrontEnd::docker: return answer_docker(verb, input, ending, scratch, deadline);
  case FrontEnd::bazel: return answer_bazel(input, ending, scratch, deadline);
  case FrontEnd::kubelet: break;
  }
  return say_error(front_end, std::nullopt, ending, deadline);
}

} // namespace purser::helper
