#include "common/wiping.hpp"
#include "keyring/keyring.hpp"
#include "keyring/messages.hpp"
#include "keyring/posture.hpp"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <string_view>

// One operation on the desktop's Secret Service: `purser-keyring VERB`. Whoever starts it need
// not carry GLib, and can kill it where the service hangs.
namespace purser::keyring {
namespace {

enum class ExitCode {
  done = 0,
  not_there = 1, // get
  bad_input = 2, // or a wrong command line
  locked = 3,    // and the person did not unlock it
  no_service = 4,
};

constexpr std::size_t k_most_input = std::size_t{128} * 1024;
constexpr std::size_t k_longest_line = 500;

ExitCode exit_code(Errc code)
{
  switch (code) {
  case Errc::not_configured: return ExitCode::not_there;
  case Errc::bad_request: return ExitCode::bad_input;
  case Errc::interaction_required: return ExitCode::locked;
  default: return ExitCode::no_service;
  }
}

bool write_all(int file, std::string_view bytes)
{
  while (!bytes.empty()) {
    const auto written = ::write(file, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

// Says why; that nothing is stored needs no words.
ExitCode fail(const Error& error)
{
  if (error.code == Errc::not_configured) return ExitCode::not_there;
  std::string line = "purser-keyring: " + error.what;
  if (line.size() >= k_longest_line) line.resize(k_longest_line - 1);
  write_all(STDERR_FILENO, line + '\n');
  return exit_code(error.code);
}

ExitCode answer(std::string_view line)
{
  if (!write_all(STDOUT_FILENO, line))
    return fail({Errc::bad_request, "standard output does not take the answer"});
  return ExitCode::done;
}

Result<WipingBuffer> read_input()
{
  WipingBuffer input(k_most_input + 1);
  std::size_t size = 0;
  while (size < input.size()) {
    const auto got = ::read(STDIN_FILENO, input.data() + size, input.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Error{Errc::bad_request, "standard input cannot be read"};
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  if (size > k_most_input) return Error{Errc::bad_request, "standard input is over 128 KiB"};
  input.resize(size);
  return input;
}

Result<Keyring> open_keyring()
{
  const char* prompt = std::getenv("PURSER_KEYRING_PROMPT");
  const bool never = prompt != nullptr && std::string_view(prompt) == "0";
  return Keyring::open(never ? Keyring::Prompt::never : Keyring::Prompt::when_locked);
}

ExitCode get(std::string_view input)
{
  const auto key = parse_key(input);
  if (!key) return fail(key.error());
  auto keyring = open_keyring();
  if (!keyring) return fail(keyring.error());
  const auto credential = keyring->get(*key);
  if (!credential) return fail(credential.error());
  const auto line = credential_line(*key, *credential);
  return line ? answer(*line) : fail(line.error());
}

ExitCode store(std::string_view input)
{
  const auto message = parse_store_message(input);
  if (!message) return fail(message.error());
  auto keyring = open_keyring();
  if (!keyring) return fail(keyring.error());
  const std::string_view secret(message->secret.data(), message->secret.size());
  const auto stored = keyring->store(message->key, message->username, secret);
  return stored ? ExitCode::done : fail(stored.error());
}

ExitCode erase(std::string_view input)
{
  const auto key = parse_key(input);
  if (!key) return fail(key.error());
  auto keyring = open_keyring();
  if (!keyring) return fail(keyring.error());
  const auto erased = keyring->erase(*key);
  return erased ? ExitCode::done : fail(erased.error());
}

ExitCode list(std::string_view)
{
  auto keyring = open_keyring();
  if (!keyring) return fail(keyring.error());
  const auto names = keyring->list();
  return names ? answer(list_line(*names)) : fail(names.error());
}

ExitCode check(std::string_view)
{
  auto keyring = open_keyring();
  if (!keyring) return fail(keyring.error());
  const auto usable = keyring->check();
  return usable ? ExitCode::done : fail(usable.error());
}

struct Verb {
  std::string_view name;
  bool has_input;
  ExitCode (*run)(std::string_view input);
};

constexpr std::array k_verbs{Verb{"get", true, get}, Verb{"store", true, store},
                             Verb{"erase", true, erase}, Verb{"list", false, list},
                             Verb{"check", false, check}};

ExitCode run(int argc, char** argv)
{
  const std::string_view wanted = argc == 2 ? argv[1] : "";
  for (const Verb& verb : k_verbs) {
    if (verb.name != wanted) continue;
    if (!verb.has_input) return verb.run({});
    const auto input = read_input();
    return input ? verb.run({input->data(), input->size()}) : fail(input.error());
  }
  return fail({Errc::bad_request, "expected one of the verbs get, store, erase, list and check"});
}

} // namespace
} // namespace purser::keyring

#if defined(__SANITIZE_ADDRESS__)
// The search for leaks attaches to the process like a debugger, which we do not allow.
extern "C" const char* __asan_default_options(); // NOLINT(bugprone-reserved-identifier)
extern "C" const char* __asan_default_options()  // NOLINT(bugprone-reserved-identifier)
{
  return "detect_leaks=0";
}
#endif

int main(int argc, char** argv)
{
  using purser::keyring::ExitCode;
  try {
    purser::keyring::take_posture(static_cast<int>(ExitCode::no_service));
    return static_cast<int>(purser::keyring::run(argc, argv));
  } catch (const std::exception&) {
    // What it says may quote what it was given.
    std::fputs("purser-keyring: internal error\n", stderr);
    return static_cast<int>(ExitCode::no_service);
  }
}
