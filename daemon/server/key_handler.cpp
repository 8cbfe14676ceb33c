#include "daemon/server/key_handler.hpp"

#include "daemon/async/timeout.hpp"
#include "daemon/server/docker_messages.hpp"
#include "daemon/server/trail.hpp"
#include "daemon/store/wrapped_key.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <utility>

namespace purser {
namespace asio = boost::asio;
using Kind = KeyChanges::Kind;

namespace {

constexpr Duration k_look_limit = std::chrono::seconds(2);
constexpr Duration k_save_limit = std::chrono::seconds(2);
constexpr std::size_t k_most_waiting = 4;

unsigned status_of(Errc code)
{
  switch (code) {
  case Errc::bad_request: return 400;
  case Errc::rejected: return 403;
  case Errc::misconfigured:
  case Errc::interaction_required: return 409;
  case Errc::throttled: return 429;
  case Errc::timeout: return 504;
  default: return 502;
  }
}

Json outcome(std::string_view word)
{
  return Json{{"outcome", word}};
}

Error too_soon(Duration left)
{
  return with_remedy({Errc::throttled, "a wrong passphrase was given; the next may be tried in " +
                                           std::to_string(whole_seconds(left) + 1) + " s"});
}

// Says `busy` for as long as it lives.
class Busy {
public:
  explicit Busy(bool& flag) : flag_(flag) { flag_ = true; }
  ~Busy() { flag_ = false; }
  Busy(const Busy&) = delete;
  Busy& operator=(const Busy&) = delete;

private:
  bool& flag_;
};

} // namespace

struct KeyHandler::Verb {
  std::string_view path;
  std::string_view name; // for the audit log
  asio::awaitable<Answer> (KeyHandler::*run)(Secret, Duration);
};

KeyHandler::KeyHandler(const asio::any_io_executor& ex,
                       Clock& clock,
                       KeyChanges keys,
                       LockSwitch& lock,
                       KeyLock& state,
                       CacheKeeper& keeper,
                       AuditLog& audit)
  : clock_(clock)
  , worker_(ex, "passphrase", 1, k_most_waiting)
  , keys_(std::make_shared<const KeyChanges>(std::move(keys)))
  , lock_(lock)
  , state_(state)
  , keeper_(keeper)
  , audit_(audit)
{
}

asio::awaitable<void> KeyHandler::look()
{
  const auto now = co_await state(k_look_limit);
  state_.set(now && now->kind == Kind::wrapped);
  if (state_.locked()) spdlog::info("locked until: purser unlock");
}

asio::awaitable<ServerResponse> KeyHandler::handle(ServerRequest request)
{
  static constexpr std::array k_verbs{
      Verb{"/v1/lock", "lock", &KeyHandler::lock},
      Verb{"/v1/unlock", "unlock", &KeyHandler::unlock},
      Verb{"/v1/unlock/remove-passphrase", "remove-passphrase", &KeyHandler::remove},
      Verb{"/v1/rotate-key", "rotate-key", &KeyHandler::rotate}};
  const auto* const verb = std::find_if(k_verbs.begin(), k_verbs.end(), [&request](const Verb& v) {
    return v.path == request.target;
  });
  if (verb == k_verbs.end())
    co_return json_error(404, Errc::bad_request, "no such path; see docs/protocol.md");
  if (auto refusal = refuse_all_but_post(request, verb->path)) co_return std::move(*refusal);
  if (!request.peer.local)
    co_return json_error(403, Errc::forbidden, "the key is not changed from within a container");
  const auto body = docker::parse_helper_body(request.body_text());
  if (!body) co_return json_error(400, body.error().code, body.error().what);

  if (body->input.size() > k_max_passphrase)
    co_return json_error(400, Errc::bad_request, "a passphrase has 8 to 1024 bytes");

  AuditEvent trail = begin_trail(verb->name, request.peer, clock_.wall());
  Secret passphrase(body->input);
  const auto answer = co_await (this->*verb->run)(std::move(passphrase), request.patience);
  trail.took = clock_.now() - request.received_at;
  if (!answer) trail.outcome = to_string(answer.error().code);
  audit_.add(std::move(trail));
  if (answer) co_return json_response(200, *answer);
  co_return json_error(status_of(answer.error().code), answer.error().code,
                       docker::explained(answer.error()));
}

asio::awaitable<KeyHandler::Answer> KeyHandler::lock(Secret passphrase, Duration patience)
{
  const auto now = co_await state(patience);
  if (!now) co_return now.error();
  if (now->kind == Kind::elsewhere)
    co_return Error{Errc::misconfigured,
                    "a passphrase is for the key that purser generates; the one in " + now->place +
                        " is taken away by whoever put it there"};
  if (now->kind == Kind::wrapped) {
    if (!state_.locked()) co_await lock_.begin_locking();
    lock_.finish_locking();
    Json answer = outcome("locked");
    answer["passphrase_set"] = false;
    co_return answer;
  }
  if (passphrase.empty()) co_return outcome("passphrase_needed");
  const auto shut_now = co_await shut(std::move(passphrase), patience);
  if (!shut_now) co_return shut_now.error();
  Json answer = outcome("locked");
  answer["passphrase_set"] = true;
  co_return answer;
}

// For the first time: what is kept has to be saved while the key can still be read.
asio::awaitable<Result<>> KeyHandler::shut(Secret passphrase, Duration patience)
{
  co_await lock_.begin_locking();
  auto wrap = [keys = keys_, passphrase = std::move(passphrase)] { return keys->wrap(passphrase); };
  const auto wrapped = co_await with_timeout(clock_, patience, worker_.run<void>(std::move(wrap)));
  if (wrapped) {
    lock_.finish_locking();
    co_return Result<>();
  }
  const auto now = co_await state(k_look_limit);
  if (now && now->kind == Kind::wrapped)
    lock_.finish_locking(); // it came too late to be told
  else
    co_await lock_.unlock();
  co_return wrapped.error();
}

asio::awaitable<KeyHandler::Answer> KeyHandler::unlock(Secret passphrase, Duration patience)
{
  const auto now = co_await state(patience);
  if (!now) co_return now.error();
  if (now->kind != Kind::wrapped) {
    if (state_.locked()) co_await lock_.unlock(); // somebody else took the passphrase away
    co_return outcome("not_locked");
  }
  const bool is_open = now->open && !state_.locked();
  if (passphrase.empty()) co_return outcome(is_open ? "not_locked" : "passphrase_needed");
  auto open = [keys = keys_, passphrase = std::move(passphrase)] { return keys->open(passphrase); };
  const auto opened = co_await guess<void>(std::move(open), patience);
  if (!opened) co_return opened.error();
  lock_.note_passphrase(true);
  if (state_.locked()) co_await lock_.unlock();
  co_return outcome("unlocked");
}

asio::awaitable<KeyHandler::Answer> KeyHandler::remove(Secret passphrase, Duration patience)
{
  const auto now = co_await state(patience);
  if (!now) co_return now.error();
  if (now->kind != Kind::wrapped) co_return outcome("no_passphrase");
  if (passphrase.empty()) co_return outcome("passphrase_needed");
  auto unwrap = [keys = keys_, passphrase = std::move(passphrase)] {
    return keys->unwrap(passphrase);
  };
  const auto unwrapped = co_await guess<void>(std::move(unwrap), patience);
  if (!unwrapped) co_return unwrapped.error();
  lock_.note_passphrase(false);
  if (state_.locked()) co_await lock_.unlock();
  co_return outcome("removed");
}

asio::awaitable<KeyHandler::Answer> KeyHandler::rotate(Secret passphrase, Duration patience)
{
  if (state_.locked()) co_return locked_error();
  const auto now = co_await state(patience);
  if (!now) co_return now.error();
  if (now->kind == Kind::wrapped && passphrase.empty()) co_return outcome("passphrase_needed");
  auto rotate = [keys = keys_, passphrase = std::move(passphrase)] {
    return keys->rotate(passphrase);
  };
  const auto records = co_await guess<std::size_t>(std::move(rotate), patience);
  if (!records) co_return records.error();
  const auto kept = co_await keeper_.save_again(k_save_limit);
  if (!kept) spdlog::warn("kept tokens are not sealed anew: {}", kept.error().what);
  Json answer = outcome("rotated");
  answer["records"] = *records;
  answer["place"] = now->place;
  co_return answer;
}

asio::awaitable<Result<KeyChanges::State>> KeyHandler::state(Duration patience)
{
  auto ask = [keys = keys_] { return keys->state(); };
  co_return co_await with_timeout(clock_, patience, worker_.run<KeyChanges::State>(std::move(ask)));
}

template <class T, class Job>
asio::awaitable<Result<T>> KeyHandler::guess(Job job, Duration patience)
{
  if (const Duration left = limit_.left(clock_.now()); left > Duration::zero())
    co_return too_soon(left);
  if (busy_)
    co_return with_remedy({Errc::throttled, "another passphrase is being checked; try again"});
  const Busy busy(busy_);
  auto outcome = co_await with_timeout(clock_, patience, worker_.run<T>(std::move(job)));
  if (outcome) limit_.succeeded();
  if (!outcome && outcome.error().code == Errc::rejected) limit_.failed(clock_.now());
  co_return outcome;
}

} // namespace purser
