#include "helper/conversation.hpp"

#include "common/foreign_home.hpp"
#include "helper/environment.hpp"
#include "helper/exchange.hpp"
#include "helper/reach.hpp"
#include "helper/trace.hpp"

#include <array>
#include <cstddef>
#include <utility>

namespace purser::helper {
namespace {

using Kind = Ending::Kind;
using Reach = Connection::Reach;

// Before each attempt, in milliseconds. A daemon that systemd restarts is back within
// a second, and its socket never goes away.
constexpr std::array k_pauses{0, 5, 20, 100, 400, 1000, 2000};

constexpr std::string_view k_look = "see `purser status`, or restart purserd";
constexpr std::string_view k_same_version =
    "install the helper and purserd of one version, and restart purserd";

Ending no_daemon(const Line& cause, std::string_view remedy)
{
  return {Kind::no_daemon, cause, remedy};
}

Ending timed_out(const Deadline& deadline, Line cause)
{
  const int limit = deadline.limit();
  cause << " within " << (limit % 1000 == 0 ? limit / 1000 : limit)
        << (limit % 1000 == 0 ? " s" : " ms");
  return {Kind::timed_out, cause, k_look};
}

Ending of_exchange(Exchange outcome, const Deadline& deadline)
{
  Line cause;
  switch (outcome) {
  case Exchange::answered: return {Kind::answered, {}, {}};
  case Exchange::timed_out: return timed_out(deadline, cause << "purserd did not answer");
  case Exchange::broken:
    return no_daemon(cause << "purserd closed the connection without an answer", k_look);
  case Exchange::garbled:
    return no_daemon(cause << "purserd's answer is not understood", k_same_version);
  case Exchange::too_large:
    return no_daemon(cause << "purserd's answer is too large", k_same_version);
  }
  return {};
}

// The last resort: nobody shares the daemon's work, but there is an answer.
Ending ask_once(const Ending& none, Request& request, Response& response, const Deadline& deadline)
{
  trace(none.cause);
  const Connection connection = reach_once();
  if (connection.reach != Reach::connected) return none;
  const Exchange outcome = exchange(connection.socket.get(), request, response, deadline);
  if (outcome == Exchange::broken) return none;
  return of_exchange(outcome, deadline);
}

// No path, no daemon to share. Where a variable says nonsense, not even one of our own:
// it would not be the one that was meant.
Ending
without_path(const SocketPath& path, Request& request, Response& response, const Deadline& deadline)
{
  Line cause;
  if (path.problem == SocketPath::Problem::relative)
    return no_daemon(cause << path.variable << " is not an absolute path", "correct it");
  if (path.problem == SocketPath::Problem::too_long)
    cause << "the path of purserd's socket is too long (" << path.variable << ")";
  else
    cause << "there is no place for purserd's socket, since HOME is not set";
  return ask_once(no_daemon(cause, "name a short absolute path in PURSER_SOCKET"), request,
                  response, deadline);
}

// Whose daemon would it be? Root with the HOME of a user would leave files there that the user
// cannot even read. A socket that is named has an owner.
bool home_is_foreign()
{
  return variable("PURSER_SOCKET").empty() && is_foreign_home(variable("HOME").data());
}

Ending foreign_home()
{
  Line cause;
  cause << "HOME is ";
  cause.quote(variable("HOME")) << ", which belongs to another user";
  return no_daemon(cause, "set it to your own, as `sudo -H` does");
}

} // namespace

Conversation::Conversation(const Deadline& deadline)
  : deadline_(deadline), home_is_foreign_(home_is_foreign())
{
  if (home_is_foreign_) return;
  path_ = daemon_socket_path();
  if (path_.problem == SocketPath::Problem::none) early_ = connect_at_once(path_);
}

Ending Conversation::hold(Request& request, Response& response)
{
  if (home_is_foreign_) return foreign_home();
  if (path_.problem != SocketPath::Problem::none)
    return without_path(path_, request, response, deadline_);

  Ending ending;
  bool again = true;
  for (std::size_t i = 0; again && i < k_pauses.size(); ++i) {
    deadline_.pause(k_pauses[i]);
    ending = attempt(request, response, again);
    if (again) trace(Line() << "the daemon went away");
  }
  return ending;
}

Connection Conversation::reach()
{
  if (early_.reach == Reach::connected) return std::exchange(early_, {});
  return reach_daemon(path_, deadline_);
}

Ending Conversation::attempt(Request& request, Response& response, bool& again)
{
  const Connection connection = reach();
  again = false;
  const Ending none = no_daemon(connection.cause, connection.remedy);
  switch (connection.reach) {
  case Reach::connected: break;
  case Reach::absent: return ask_once(none, request, response, deadline_);
  case Reach::forbidden:
  case Reach::refused: return none;
  case Reach::timed_out: return {Kind::timed_out, connection.cause, connection.remedy};
  }
  const Exchange outcome = exchange(connection.socket.get(), request, response, deadline_);
  again = outcome == Exchange::broken;
  return of_exchange(outcome, deadline_);
}

} // namespace purser::helper
