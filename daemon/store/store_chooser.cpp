#include "daemon/store/store_chooser.hpp"

#include "daemon/async/spawn.hpp"
#include "daemon/time/civil_text.hpp"

#include <spdlog/spdlog.h>

#include <utility>
#include <vector>

namespace purser {
namespace asio = boost::asio;

namespace {

Error silent()
{
  return with_remedy({Errc::transient,
                      "the Secret Service does not answer, so that nobody knows what is stored "
                      "there: restart it, or set store.kind to \"file\""});
}

} // namespace

struct StoreChooser::Look {
  Look(std::optional<FileWatch> w, Result<std::optional<StoreChoice>> c, bool b)
    : watch(std::move(w)), choice(std::move(c)), bus_at_hand(b)
  {
  }

  std::optional<FileWatch> watch;
  Result<std::optional<StoreChoice>> choice;
  bool bus_at_hand;
};

StoreChooser::StoreChooser(asio::any_io_executor ex,
                           Clock& clock,
                           WorkerPool& files,
                           ChoiceFile choice_file,
                           SessionBus bus,
                           Sources sources,
                           std::function<void()> chosen)
  : ex_(std::move(ex))
  , clock_(clock)
  , files_(files)
  , choice_file_(std::move(choice_file))
  , bus_(std::move(bus))
  , sources_(std::move(sources))
  , chosen_(std::move(chosen))
{
}

asio::awaitable<Result<std::optional<StoreKind>>> StoreChooser::choose(Occasion occasion)
{
  if (const auto kind = sources_.configured()) co_return kind;
  const auto choice = co_await written();
  if (!choice) co_return choice.error();
  if (*choice) co_return std::optional((*choice)->kind);
  if (occasion == Occasion::look) co_return std::optional<StoreKind>();
  // Then nothing can be stored but in the file, which the reader looks into anyway.
  if (occasion == Occasion::read && !bus_at_hand_) co_return std::optional<StoreKind>();
  co_return co_await find_out(occasion);
}

asio::awaitable<Result<std::optional<StoreChoice>>> StoreChooser::written()
{
  if (watch_ && !watch_->changed()) co_return known_;
  auto job = [file = choice_file_, bus = bus_]() -> Result<Look> {
    std::vector<std::string> paths{file.path()};
    if (!bus.awaited().empty()) paths.push_back(bus.awaited());
    auto watch = FileWatch::begin(paths);
    std::optional<FileWatch> kept;
    if (watch) kept = std::move(*watch);
    const bool at_hand = bus.at_hand();
    return Look(std::move(kept), file.read(), at_hand);
  };
  auto look = co_await files_.run<Look>(std::move(job));
  if (!look) co_return look.error();
  watch_ = std::move(look->watch);
  known_ = std::move(look->choice);
  bus_at_hand_ = look->bus_at_hand;
  co_return known_;
}

asio::awaitable<Result<std::optional<StoreKind>>> StoreChooser::find_out(Occasion occasion)
{
  const auto in_file = co_await sources_.file.list({});
  if (!in_file) co_return in_file.error();
  StoreEvidence evidence(!in_file->empty(), KeyringFinding::no_bus);
  if (!evidence.file_has_entries) evidence.keyring = co_await ask_keyring(occasion);
  const bool storing = occasion == Occasion::store;
  const auto decision = decide(evidence, storing);
  if (decision) co_return co_await settle(*decision, occasion);
  if (evidence.keyring == KeyringFinding::silent) co_return silent();
  co_return std::optional<StoreKind>();
}

asio::awaitable<KeyringFinding> StoreChooser::ask_keyring(Occasion occasion)
{
  if (!bus_at_hand_) co_return KeyringFinding::no_bus;
  const bool recent = found_at_ && clock_.now() - *found_at_ < k_remember;
  if (occasion == Occasion::read && recent) co_return found_;
  auto probing = probing_;
  if (!probing) {
    probing = probing_ = std::make_shared<Event>(ex_);
    spawn(ex_, "keyring probe", probe_keyring()); // which may end at once
  }
  co_await probing->wait();
  co_return found_;
}

// Belongs to nobody who asks: it outlives them.
asio::awaitable<void> StoreChooser::probe_keyring()
{
  const auto found = co_await contained(sources_.probe());
  found_ = found ? *found : KeyringFinding::silent;
  found_at_ = clock_.now();
  std::exchange(probing_, nullptr)->set();
}

// Of many who decide at once, also in several processes, the first decides for all.
asio::awaitable<Result<std::optional<StoreKind>>> StoreChooser::settle(StoreDecision decision,
                                                                       Occasion occasion)
{
  if (known_ && *known_) co_return std::optional((*known_)->kind); // meanwhile
  StoreChoice choice(decision.kind, civil_text(clock_.wall()), std::string(decision.because));
  auto job = [file = choice_file_, choice] { return file.create(choice); };
  auto stands = co_await files_.run<StoreChoice>(std::move(job));
  if (!stands && occasion == Occasion::store) co_return stands.error();
  if (!stands) { // what decided is still there the next time
    spdlog::warn("which store is used is not written down: {}", stands.error().what);
    co_return std::optional(decision.kind);
  }
  const bool news = !known_ || !*known_;
  known_ = std::optional(std::move(*stands));
  if (news) {
    spdlog::info("stored credentials lie in {}: {}",
                 (*known_)->kind == StoreKind::file ? "the sealed file" : "the Secret Service",
                 (*known_)->because);
    chosen_();
  }
  co_return std::optional((*known_)->kind);
}

asio::awaitable<Result<>> StoreChooser::replace(StoreChoice choice)
{
  auto job = [file = choice_file_, choice] { return file.replace(choice); };
  auto replaced = co_await files_.run<void>(std::move(job));
  if (replaced) {
    known_ = std::optional(std::move(choice));
    chosen_();
  }
  co_return replaced;
}

std::optional<StoreKind> StoreChooser::known() const
{
  if (const auto kind = sources_.configured()) return kind;
  if (known_ && *known_) return (*known_)->kind;
  return std::nullopt;
}

std::string StoreChooser::reason() const
{
  if (sources_.configured()) return "configured";
  if (!known_) return "not known: " + known_.error().what;
  if (!*known_) return "not chosen yet: the next login does, or logins that are found";
  std::string text = "chosen at " + (*known_)->chosen_at + ": " + (*known_)->because;
  if ((*known_)->leaving)
    text += "; the move is not finished: run purser store migrate --to " +
            std::string(to_string((*known_)->kind)) + " again";
  return text;
}

} // namespace purser
