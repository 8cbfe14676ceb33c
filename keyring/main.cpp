#include "common/wiping.hpp"
#include "common/write_all.hpp"
#include "keyring/keyring.hpp"
#include "keyring/messages.hpp"
#include "keyring/posture.hpp"

#include <unistd.h>

#include <algorithm>
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
  silent = 5, // it is there and does not answer
};

constexpr std::size_t k_most_input = std::size_t{128} * 1024;
constexpr std::size_t k_longest_line = 500;

ExitCode exit_code(Errc code)
{
  switch (code) {
  case Errc::not_configured: return ExitCode::not_there;
  case Errc::bad_request: return ExitCode::bad_input;
  case Errc::interaction_required: return ExitCode::locked;
  case Errc::timeout: return ExitCode::silent;
  default: return ExitCode::no_service;
  }
}

// Says why; that nothing is stored needs no words.
ExitCode fail(const Error& error)
{
  if (error.code == Errc::not_configured) return ExitCode::not_there;
  std::string line = "purser-keyring: " + error.what;
  if (line.size() >= k_longest_line) line.resize(k_longest_line - 1);
  (void)write_all(STDERR_FILENO, line + '\n');
  return exit_code(error.code);
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

// What each verb prints. The input is looked at before anybody is asked.
Result<std::string> get(std::string_view input)
{
  const auto key = parse_key(input);
  if (!key) return key.error();
  auto keyring = open_keyring();
  if (!keyring) return keyring.error();
  const auto credential = keyring->get(*key);
  if (!credential) return credential.error();
  return credential_line(*key, *credential);
}

Result<std::string> store(std::string_view input)
{
  const auto message = parse_store_message(input);
  if (!message) return message.error();
  auto keyring = open_keyring();
  if (!keyring) return keyring.error();
  const std::string_view secret(message->secret.data(), message->secret.size());
  const auto stored = keyring->store(message->key, message->username, secret);
  if (!stored) return stored.error();
  return std::string();
}

Result<std::string> erase(std::string_view input)
{
  const auto key = parse_key(input);
  if (!key) return key.error();
  auto keyring = open_keyring();
  if (!keyring) return keyring.error();
  const auto erased = keyring->erase(*key);
  if (!erased) return erased.error();
  return std::string();
}

Result<std::string> list(std::string_view)
{
  auto keyring = open_keyring();
  if (!keyring) return keyring.error();
  const auto names = keyring->list();
  if (!names) return names.error();
  return list_line(*names);
}

Result<std::string> check(std::string_view)
{
  auto keyring = open_keyring();
  if (!keyring) return keyring.error();
  const auto usable = keyring->check();
  if (!usable) return usable.error();
  return std::string();
}

Result<std::string> probe(std::string_view)
{
  auto keyring = open_keyring();
  if (!keyring) return keyring.error();
  const auto survey = keyring->survey();
  if (!survey) return survey.error();
  return survey_line(*survey);
}

Result<std::string> unlock(std::string_view)
{
  auto keyring = open_keyring();
  if (!keyring) return keyring.error();
  const auto unlocked = keyring->unlock();
  if (!unlocked) return unlocked.error();
  return std::string();
}

struct Verb {
  std::string_view name;
  bool has_input;
  Result<std::string> (*run)(std::string_view input);
};

constexpr std::array k_verbs{Verb{"get", true, get},       Verb{"store", true, store},
                             Verb{"erase", true, erase},   Verb{"list", false, list},
                             Verb{"check", false, check},  Verb{"probe", false, probe},
                             Verb{"unlock", false, unlock}};

Result<std::string> run(int argc, char** argv)
{
  const std::string_view wanted = argc == 2 ? argv[1] : "";
  const auto* const verb = std::find_if(k_verbs.begin(), k_verbs.end(),
                                        [wanted](const Verb& v) { return v.name == wanted; });
  if (verb == k_verbs.end())
    return Error{Errc::bad_request,
                 "expected one of the verbs get, store, erase, list, check, probe and "
                 "unlock"};
  if (!verb->has_input) return verb->run({});
  const auto input = read_input();
  if (!input) return input.error();
  return verb->run({input->data(), input->size()});
}

ExitCode answer(const Result<std::string>& line)
{
  if (!line) return fail(line.error());
  if (write_all(STDOUT_FILENO, *line)) return ExitCode::done;
  return fail({Errc::bad_request, "standard output does not take the answer"});
}

} // namespace
} // namespace purser::keyring

int main(int argc, char** argv)
{
  using purser::keyring::ExitCode;
  try {
    purser::keyring::take_posture(static_cast<int>(ExitCode::silent));
    return static_cast<int>(purser::keyring::answer(purser::keyring::run(argc, argv)));
  } catch (const std::exception&) {
    // What it says may quote what it was given.
    std::fputs("purser-keyring: internal error\n", stderr);
    return static_cast<int>(ExitCode::no_service);
  }
}
