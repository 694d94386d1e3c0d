#include "ingest/ingest.hpp"

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>
#include <fmt/format.h>

namespace pult::ingest {
namespace {

constexpr std::chrono::milliseconds kTick{100};

// Which feeds this process serves: those of its own port, or those of the shared port and those that we dial.
bool serves(const FeedConfig& feed, const std::optional<int>& own_port) {
  return own_port ? feed.port == own_port && feed.url.empty() : !feed.port || !feed.url.empty();
}

template <typename... Handlers>
struct Overloaded : Handlers... {
  using Handlers::operator()...;
};
template <typename... Handlers>
Overloaded(Handlers...) -> Overloaded<Handlers...>;

} // namespace

Ingest::Ingest(asio::io_context& io, const RoomConfig& config, const RunDir& run_dir, Params params)
    : io_(io), params_(std::move(params)), timer_(io.get_executor()) {
  add_feeds(config, run_dir);
  handover_ = std::make_shared<Handover>(io, [this](PollerEvent event) { take(std::move(event)); });
  poller_ = std::make_unique<SrtPoller>(config, SrtPoller::Params{params_.own_port, params_.on_progress}, handover_);
}

Ingest::~Ingest() {
  stop();
}

void Ingest::add_feeds(const RoomConfig& config, const RunDir& run_dir) {
  for (std::size_t i = 0; i < config.feeds.size(); ++i) {
    const auto& feed = config.feeds[i];
    if (!serves(feed, params_.own_port)) continue;
    const auto where = feed.url.empty() ? fmt::format("port {}", params_.own_port.value_or(config.srt_listen.port))
                                        : feed.url.substr(0, feed.url.find('?')); // what follows may hold a passphrase
    Feed::Params feed_params{feed.name, where, run_dir.socket_path(socket_name::decode_media(feed.name))};
    auto tell_crew = [this](std::string_view level, std::string_view kind, std::string text,
                            boost::json::object details) { tell(level, kind, std::move(text), std::move(details)); };
    feeds_[i] = std::make_unique<Feed>(io_, std::move(feed_params), tell_crew, monotonic_now());
    by_name_[feed.name] = i;
    names_[i] = feed.name;
  }
}

void Ingest::start() {
  for (auto& [index, feed] : feeds_)
    feed->start();
  poller_->start();
  tick();
}

void Ingest::stop() {
  timer_.cancel();
  poller_->stop();
  handover_->close();
}

void Ingest::command(const boost::json::object& command) {
  const auto* what = command.if_contains("command");
  const auto* name = command.if_contains("feed");
  if (what == nullptr || name == nullptr || !what->is_string() || !name->is_string()) return;
  if (what->get_string() != "restart-feed") return;
  const auto found = by_name_.find(std::string_view(name->get_string()));
  if (found == by_name_.end()) return;
  if (feeds_.at(found->second)->restart(monotonic_now())) poller_->restart_feed(found->second);
}

boost::json::object Ingest::report() const {
  boost::json::array feeds;
  const auto now = monotonic_now();
  for (const auto& [index, feed] : feeds_) {
    auto facts = feed->facts(now);
    facts.port_trouble = port_trouble_;
    feeds.emplace_back(to_json(facts));
  }
  boost::json::value iso = nullptr;
  if (!params_.recorders.empty()) {
    const auto status = params_.recorders.front()->status();
    iso = {{"bytes", status.bytes}, {"dropped", status.dropped}, {"trouble", status.trouble}};
  }
  return {{"port", port_},
          {"iso", iso},
          {"port_trouble", port_trouble_},
          {"refused", refused_},
          {"refusals", refusals_json()},
          {"handover_dropped", handover_->dropped()},
          {"feeds", std::move(feeds)}};
}

boost::json::array Ingest::refusals_json() const {
  boost::json::array list;
  for (const auto& [refused, times, last] : refusals_.recent())
    list.push_back({{"at", utc_text(wall_now() - (monotonic_now() - last))},
                    {"host", refused.host},
                    {"stream_id", refused.stream_id},
                    {"code", refused.code},
                    {"reason", refused.reason},
                    {"times", times}});
  return list;
}

void Ingest::take(PollerEvent event) {
  const auto now = monotonic_now();
  const auto feed = [this](std::size_t index) -> Feed& { return *feeds_.at(index); };
  std::visit(Overloaded{[&](const Connected& e) { feed(e.feed).on(e, now); },
                        [&](const Arrived& e) {
                          feed(e.feed).on(e);
                          record(e);
                        },
                        [&](const Disconnected& e) { feed(e.feed).on(e, now); },
                        [&](const Measured& e) { feed(e.feed).on(e); }, [&](const Refused& e) { take_refused(e, now); },
                        [&](const DialFailed& e) { feed(e.feed).on(e); }, [&](const PortState& e) { take_port(e); }},
             event);
}

void Ingest::record(const Arrived& event) {
  for (const auto& recorder : params_.recorders)
    recorder->take(names_.at(event.feed), event.chunk);
}

void Ingest::take_refused(const Refused& refused, Nanoseconds now) {
  ++refused_;
  if (refused.feed) feeds_.at(*refused.feed)->on(refused, now);
  if (const auto line = refusals_.add(refused, now)) tell_refused(*line);
}

void Ingest::tell_refused(const RefusalLog::Line& line) {
  const auto& refused = line.refused;
  boost::json::object details{{"host", refused.host},
                              {"stream_id", refused.stream_id},
                              {"code", refused.code},
                              {"reason", refused.reason},
                              {"more", line.more}};
  const auto more = line.more == 0 ? std::string() : fmt::format(", {} times more", line.more);
  tell("warning", "feed-refused",
       fmt::format("refused {} as \"{}\": {} ({}){}", refused.host, refused.stream_id, refused.reason, refused.code,
                   more),
       std::move(details));
}

void Ingest::take_port(const PortState& state) {
  if (state.port != 0)
    tell("info", "port-open", fmt::format("listening for SRT at port {}", state.port), {{"port", state.port}});
  else if (port_trouble_.empty())
    tell("error", "port-trouble", state.reason, {});
  port_ = state.port;
  port_trouble_ = state.reason;
}

void Ingest::tell(std::string_view level, std::string_view kind, std::string text, boost::json::object details) {
  details["kind"] = kind;
  params_.event(level, std::move(text), std::move(details));
}

void Ingest::tick() {
  const auto now = monotonic_now();
  for (auto& [index, feed] : feeds_)
    feed->tick(now);
  for (const auto& line : refusals_.tick(now))
    tell_refused(line);
  timer_.expires_after(kTick);
  timer_.async_wait([this](ErrorCode cancelled) {
    if (!cancelled) tick();
  });
}

} // namespace pult::ingest
