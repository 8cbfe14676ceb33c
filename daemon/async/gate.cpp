#include "daemon/async/gate.hpp"

namespace purser {

Gate::Gate(const boost::asio::any_io_executor& ex, std::size_t places)
  : state_(std::make_shared<State>(ex, places))
{
}

boost::asio::awaitable<Gate::Pass> Gate::enter()
{
  const auto state = state_;
  if (state->free > 0) {
    --state->free;
    co_return Pass(state);
  }
  Waiting waiting(state);
  co_await waiting.called();
  co_return Pass(state);
}

Gate::Pass::~Pass()
{
  if (state_) state_->leave();
}

Gate::Waiting::Waiting(std::shared_ptr<State> state) : state_(std::move(state)), event_(state_->ex)
{
  state_->queue.push_back(this);
}

Gate::Waiting::~Waiting()
{
  if (!is_called_) state_->queue.remove(this);
}

void Gate::Waiting::call()
{
  is_called_ = true;
  event_.set();
}

void Gate::State::leave()
{
  if (queue.empty()) {
    ++free;
    return;
  }
  Waiting* const next = queue.front();
  queue.pop_front();
  next->call();
}

} // namespace purser
