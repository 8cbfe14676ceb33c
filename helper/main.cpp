#include "common/docker_words.hpp"
#include "common/forwarded_entries.hpp"
#include "common/missing_streams.hpp"
#include "common/protocol.hpp"
#include "common/version.hpp"
#include "helper/conversation.hpp"
#include "helper/deadline.hpp"
#include "helper/failure.hpp"
#include "helper/front_end.hpp"
#include "helper/request.hpp"
#include "helper/response.hpp"
#include "helper/streams.hpp"
#include "helper/trace.hpp"
#include "helper/verb.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <cstddef>
#include <span>

namespace purser::helper {
namespace {

constexpr std::size_t k_page = 4096;

// Everything that secrets pass through, one piece behind the other: what is small, as it nearly
// always is, touches few pages. Static and not initialised: a page that nobody touches costs
// nothing.
class alignas(k_page) Memory {
public:
  // Where the next piece may lie, of `most` bytes.
  std::span<char> room(std::size_t most) { return {bytes_ + used_, most}; }
  // So much of it was used.
  void keep(std::size_t size) { used_ += size; }

private:
  static constexpr std::size_t k_input = protocol::k_max_stdin + 1;
  static constexpr std::size_t k_answer = protocol::k_max_head + protocol::k_max_answer;

  std::size_t used_; // in the same page as the first bytes
  char bytes_[k_input + protocol::k_max_environment + k_answer];
};
Memory memory; // NOLINT(readability-identifier-naming): it is what it says

int say_input_problem(FrontEnd front_end, Input::Problem problem, const Deadline& deadline)
{
  switch (problem) {
  case Input::Problem::too_large:
    return say_failure(front_end, "standard input is over 1 MiB", "a credential is shorter",
                       deadline);
  case Input::Problem::timed_out:
    return say_failure(front_end, "standard input did not end in time",
                       "give the registry on standard input and close it", deadline);
  case Input::Problem::unreadable:
    return say_failure(front_end, "standard input cannot be read",
                       "give the registry on standard input", deadline);
  case Input::Problem::none: break;
  }
  return 1;
}

int say_no_server_url(const Deadline& deadline)
{
  Line line;
  line << docker_words::k_no_server_url << "\n";
  static_cast<void>(write_text(Stream::output, line.text(), deadline));
  return 1;
}

int pass_on(const Response& response, const Deadline& deadline)
{
  const Stream stream = response.for_standard_error() ? Stream::error : Stream::output;
  trace(Line() << "status " << response.status() << ", " << static_cast<int>(response.body().size())
               << " bytes");
  if (!write_text(stream, response.body(), deadline)) return 1;
  return response.status() == 200 ? 0 : 1;
}

int answer(FrontEnd front_end,
           Verb verb,
           std::string_view input,
           Conversation& conversation,
           const Deadline& deadline)
{
  const std::span<char> space = memory.room(protocol::k_max_environment);
  const std::size_t entries = write_entries(space);
  if (entries == 0)
    return say_failure(front_end,
                       "the AWS_, PURSER_ and other variables to pass on are over 256 KiB",
                       "unset those that are not needed", deadline);
  trace(Line() << path_of(front_end) << to_string(verb) << ", " << static_cast<int>(input.size())
               << " bytes of input, " << static_cast<int>(entries) << " of variables");

  memory.keep(entries);
  Request request(front_end, verb, {space.data(), entries}, input);
  const std::span<char> scratch = memory.room(protocol::k_max_head + protocol::k_max_answer);
  Response response(scratch);
  const Ending ending = conversation.hold(request, response);
  if (ending.kind == Ending::Kind::answered) return pass_on(response, deadline);
  trace(ending.cause);
  return answer_without_daemon(front_end, verb, input, ending, scratch, deadline);
}

// Before anything is read.
Deadline begin()
{
  const Deadline deadline(limit_in_milliseconds());
  deadline.arm_backstop();
  madvise(&memory, sizeof memory, MADV_DONTDUMP);
  return deadline;
}

Input read_all(const Deadline& deadline)
{
  const Input input = read_input(memory.room(protocol::k_max_stdin + 1), deadline);
  memory.keep(input.text.size());
  return input;
}

int run(Verb verb)
{
  const Deadline deadline = begin();
  Conversation conversation(deadline);
  Input input;
  if (verb != Verb::list) input = read_all(deadline); // nobody ends list's input
  if (input.problem != Input::Problem::none)
    return say_input_problem(FrontEnd::docker, input.problem, deadline);
  const std::string_view asked = trimmed(input.text);
  const bool asks_for_registry = verb == Verb::get || verb == Verb::erase;
  if (asks_for_registry && asked.empty()) return say_no_server_url(deadline);
  const FrontEnd front_end = verb == Verb::get ? front_end_of_get(asked) : FrontEnd::docker;
  return answer(front_end, verb, input.text, conversation, deadline);
}

int run_for_kubelet()
{
  const Deadline deadline = begin();
  Conversation conversation(deadline);
  const Input input = read_all(deadline);
  if (input.problem != Input::Problem::none)
    return say_input_problem(FrontEnd::kubelet, input.problem, deadline);
  return answer(FrontEnd::kubelet, Verb::get, input.text, conversation, deadline);
}

std::string_view own_name(int argc, char** argv)
{
  if (argc < 1) return "docker-credential-purser";
  const std::string_view path = argv[0];
  const std::size_t slash = path.rfind('/');
  return slash == path.npos ? path : std::string_view(argv[0] + slash + 1);
}

int say(const Line& line, int code, Stream stream = Stream::output)
{
  const Deadline deadline(limit_in_milliseconds());
  return write_text(stream, line.text(), deadline) ? code : 1;
}

int say_usage(std::string_view name, int code)
{
  Line line;
  line << "Usage: ";
  return say(line.quote(name) << " <store|get|erase|list|version>\n", code);
}

// The kubelet logs what stands on standard error.
int say_kubelet_usage(int code)
{
  Line line;
  line << "Usage: " << k_kubelet_name
       << ", without arguments and with a CredentialProviderRequest on standard input\n";
  return say(line, code, code == 0 ? Stream::output : Stream::error);
}

int say_version(std::string_view name)
{
  Line line;
  return say(line.quote(name) << " (purser) " << program_version() << "\n", 0);
}

int say_unknown(std::string_view name, std::string_view asked)
{
  Line line;
  line.quote(name) << ": unknown action: ";
  return say(line.quote(asked) << "\n", 1);
}

bool asks_for_usage(std::string_view asked)
{
  return asked == "--help" || asked == "-h";
}

bool asks_for_version(std::string_view asked)
{
  return asked == "--version" || asked == "-v";
}

int main_for_kubelet(int argc, char** argv)
{
  if (argc == 1) return run_for_kubelet();
  if (argc == 2 && asks_for_usage(argv[1])) return say_kubelet_usage(0);
  if (argc == 2 && asks_for_version(argv[1])) return say_version(k_kubelet_name);
  return say_kubelet_usage(1);
}

} // namespace
} // namespace purser::helper

int main(int argc, char** argv)
{
  using namespace purser::helper;
  purser::open_missing_streams();
  const std::string_view name = own_name(argc, argv);
  if (name == k_kubelet_name) return main_for_kubelet(argc, argv);
  if (argc != 2) return say_usage(name, 1);

  const std::string_view asked = argv[1];
  if (asks_for_usage(asked)) return say_usage(name, 0);
  if (asked == "version" || asks_for_version(asked)) return say_version(name);
  const auto verb = verb_named(asked);
  return verb ? run(*verb) : say_unknown(name, asked);
}
