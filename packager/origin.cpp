#include "packager/origin.hpp"

#include "base/clock.hpp"
#include "base/http_text.hpp"
#include "packager/gzip.hpp"
#include "packager/media_name.hpp"

#include <boost/asio/post.hpp>
#include <boost/json.hpp>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

namespace pult::packager {
namespace {

using http::Request;
using http::Response;
using http::Status;
using http::Verb;
using Field = boost::beast::http::field;

constexpr std::string_view kLive = "/live/";
constexpr std::string_view kTalks = "/talks/";
constexpr const char* kTalkMediaKept = "public, max-age=3600"; // as long as a withdrawn talk may live on in caches
constexpr const char* kPlaylistType = "application/vnd.apple.mpegurl";
constexpr const char* kInitType = "video/mp4";
constexpr const char* kSegmentType = "video/iso.segment";
constexpr const char* kPlain = "text/plain; charset=utf-8";
constexpr const char* kNotKept = "no-store";
constexpr const char* kShortlyKept = "public, max-age=1"; // plain live playlists, and errors
constexpr std::chrono::seconds kExpiryPause{10};

bool takes_gzip(const Request& request) {
  const auto accepted = request.headers[Field::accept_encoding];
  return http::names_token({accepted.data(), accepted.size()}, "gzip");
}

constexpr std::pair<std::string_view, std::string_view> kAnyOrigin{"Access-Control-Allow-Origin", "*"};
constexpr std::pair<std::string_view, std::string_view> kExposed{"Access-Control-Expose-Headers",
                                                                 "Content-Length, Content-Range, Date"};

void allow_all_origins(Response& response) {
  response.headers.emplace_back(kAnyOrigin);
  response.headers.emplace_back(kExposed);
}

std::shared_ptr<const std::string> playlist_headers(bool packed, const std::string& caching) {
  auto lines = http::header_lines({{"Content-Type", kPlaylistType}, {"Cache-Control", caching}, kAnyOrigin, kExposed});
  lines += http::header_lines({{"Vary", "Accept-Encoding"}});
  if (packed) lines += http::header_lines({{"Content-Encoding", "gzip"}});
  return std::make_shared<const std::string>(std::move(lines));
}

std::shared_ptr<const std::string> media_headers(const char* type, const std::string& caching) {
  return std::make_shared<const std::string>(
      http::header_lines({{"Content-Type", type}, {"Cache-Control", caching}, kAnyOrigin, kExposed}));
}

Response media_response(std::shared_ptr<const std::string> headers) {
  Response response;
  response.ranges = true;
  response.common_headers = std::move(headers);
  return response;
}

Task<Response> ready(Response response) {
  co_return response;
}

// RFC 9110 9.3.7 and the CORS preflight of a Range request.
Response preflight() {
  Response response;
  response.status = Status::no_content;
  response.headers = {{"Allow", "GET, HEAD, OPTIONS"},
                      {"Access-Control-Allow-Origin", "*"},
                      {"Access-Control-Allow-Methods", "GET, HEAD, OPTIONS"},
                      {"Access-Control-Allow-Headers", "Range"},
                      {"Access-Control-Max-Age", "86400"}};
  return response;
}

Response error(Status status, const char* text, const char* caching) {
  auto response = Response::text(status, kPlain, text);
  response.headers.emplace_back("Cache-Control", caching);
  allow_all_origins(response);
  return response;
}

Response closed() {
  return error(Status::not_found, "no show\n", kNotKept);
}

} // namespace

Origin::Origin(asio::io_context& io, Settings settings, std::unique_ptr<Window> window, StaticFiles page)
    : io_(io), settings_(std::move(settings)), timing_(HlsTiming::of(settings_.cutting)), window_(std::move(window)),
      page_(std::move(page)), talks_(io, {settings_.talks, "no-cache", settings_.download_kbps}),
      expiry_(io.get_executor()), self_(std::make_shared<Origin*>(this)) {
  // What never changes is kept for the window, a blocking answer for as long as somebody may ask for it.
  const auto kept = fmt::format("public, max-age={}, immutable", settings_.window.count());
  const auto blocking = fmt::format("public, max-age={}", timing_.can_skip_until().count());
  init_headers_ = media_headers(kInitType, kept);
  segment_headers_ = media_headers(kSegmentType, kept);
  for (const bool packed : {false, true})
    playlist_headers_[packed] = {playlist_headers(packed, kShortlyKept), playlist_headers(packed, blocking)};
  set_state({});
  const auto now = std::chrono::steady_clock::now();
  for (const auto& stored : window_->take_stored()) {
    Held held{std::make_shared<ServedShow>(stored.show, served_settings(), io_, *window_)};
    held.show->adopt(stored);
    // A show that never ended waits here for its timeline to come back; until then nobody sees it.
    if (stored.ended) {
      held.visible = true;
      held.until = now + settings_.window - (wall_now() - *stored.ended);
      if (!current_ || held.until > shows_[current_->show().id].until) current_ = held.show;
    }
    shows_[stored.show.id] = std::move(held);
  }
  remove_expired();
}

ServedShow::Settings Origin::served_settings() const {
  return {timing_, settings_.cutting.grid().fps(), settings_.segment, settings_.window, settings_.epoch_wall};
}

Origin::~Origin() {
  *self_ = nullptr;
}

Result<void> Origin::start(UniqueFd listening, http::Limits limits) {
  take_events();
  auto server = http::Server::serve(
      io_, std::move(listening), [this](const Request& request) { return answer(request); }, limits);
  if (!server) return server.error();
  server_ = std::move(*server);
  return {};
}

void Origin::stop(std::chrono::milliseconds grace) {
  stopping_ = true;
  expiry_.cancel();
  if (server_) server_->stop(grace);
  for (auto& [_, held] : shows_)
    held.show->wake_all(); // they are told to come again
}

void Origin::set_state(const State& state) {
  const auto or_null = [](const std::string& text) {
    return text.empty() ? boost::json::value(nullptr) : boost::json::value(text);
  };
  boost::json::value slate = nullptr;
  if (!state.slate.empty()) slate = {{"kind", state.slate}, {"until", or_null(state.slate_until)}};
  boost::json::value talk = nullptr;
  if (!state.talk.id.empty())
    talk = {{"id", state.talk.id}, {"title", state.talk.title}, {"speakers", state.talk.speakers}};
  const boost::json::object text{{"state", state.state}, {"starts_at", nullptr}, {"talk", talk},
                                 {"slate", slate},       {"room", state.room},   {"event", state.event}};
  const auto serialized = boost::json::serialize(text);
  state_text_ = share(Bytes(serialized.begin(), serialized.end()));
  live_show_ = state.state == "live" ? state.show : "";
}

void Origin::hold(bool held) {
  held_ = held;
  for (auto& [_, show] : shows_)
    show.show->hold(held);
}

std::size_t Origin::forget_before(Nanoseconds wall) {
  std::size_t forgotten = 0;
  for (auto& [_, held] : shows_)
    forgotten += held.show->forget_before(wall);
  return forgotten;
}

std::size_t Origin::waiting() const {
  std::size_t waiting = 0;
  for (const auto& [_, held] : shows_)
    waiting += held.show->waiting();
  return waiting;
}

// --- what the timeline says ---

void Origin::show_begins(const Show& show) {
  enqueue(show);
}

void Origin::init_section(const InitSection& init) {
  enqueue(init);
}

void Origin::part(const PublishedPart& part) {
  enqueue(part);
}

void Origin::show_ends(const std::string& show_id) {
  enqueue(ShowEnd{show_id});
}

void Origin::enqueue(Event event) {
  const std::lock_guard lock(inbox_mutex_);
  inbox_.push_back(std::move(event));
  if (inbox_.size() > 1) return; // the batch is posted already
  asio::post(io_, [self = self_] {
    if (*self != nullptr) (*self)->take_events();
  });
}

void Origin::take_events() {
  std::vector<Event> events;
  {
    const std::lock_guard lock(inbox_mutex_);
    events.swap(inbox_);
  }
  for (auto& event : events)
    std::visit([this](auto& what) { take(what); }, event);
  if (current_) current_->publish();
}

void Origin::take(Show& show) {
  auto& held = shows_[show.id];
  if (!held.show) {
    held.show = std::make_shared<ServedShow>(show, served_settings(), io_, *window_);
    held.show->hold(held_);
  }
  held.visible = true;
  current_ = held.show;
  end_forgotten();
  if (current_->ended()) return; // handed over once more
  current_->describe(show);
  master_.reset();
  window_->begin(show);
}

void Origin::take(InitSection& init) {
  if (current_) current_->init_section(init);
}

void Origin::take(PublishedPart& part) {
  if (current_) current_->part(part);
}

void Origin::take(ShowEnd& end) {
  const auto found = shows_.find(end.id);
  if (found != shows_.end()) end_show(found->second);
}

void Origin::end_show(Held& held) {
  if (held.show->ended()) return;
  held.visible = true;
  held.show->end(wall_now());
  held.show->publish();
  held.until = std::chrono::steady_clock::now() + settings_.window;
}

// There is one show at a time.
void Origin::end_forgotten() {
  for (auto& [_, held] : shows_)
    if (held.show != current_) end_show(held);
}

void Origin::remove_expired() {
  const auto now = std::chrono::steady_clock::now();
  for (auto it = shows_.begin(); it != shows_.end();) {
    if (it->second.until > now) {
      ++it;
      continue;
    }
    window_->remove(it->first);
    if (current_ == it->second.show) current_.reset();
    it = shows_.erase(it);
  }
  expiry_.expires_after(kExpiryPause);
  expiry_.async_wait([self = self_](ErrorCode cancelled) {
    if (!cancelled && *self != nullptr && !(*self)->stopping_) (*self)->remove_expired();
  });
}

// --- what viewers ask ---

// A coroutine's frame costs as much as finding a playlist: what leads to an answer has none of its own.
Task<Response> Origin::answer(const Request& request) {
  if (request.method == Verb::options) return ready(preflight());
  if (request.method != Verb::get && request.method != Verb::head) {
    auto response = error(Status::method_not_allowed, "GET, HEAD or OPTIONS\n", kNotKept);
    response.headers.emplace_back("Allow", "GET, HEAD, OPTIONS");
    return ready(std::move(response));
  }
  if (request.path.starts_with(kLive)) return answer_live(request, std::string_view(request.path).substr(kLive.size()));
  if (request.path == "/talks" || request.path.starts_with(kTalks))
    return answer_talks(request, request.path.substr(std::min(kTalks.size(), request.path.size())));
  if (const auto* file = page_.find(request.path)) return ready(page_.answer(*file, request));
  return ready(refuse(Status::not_found));
}

// What a talk's file is called when somebody saves it: as its talk.json says.
Task<std::string> Origin::download_name(std::string path) {
  const auto slash = path.rfind('/');
  if (slash == std::string::npos) co_return path;
  auto reading = talks_.read_text(path.substr(0, slash) + "/talk.json");
  const auto text = co_await std::move(reading);
  const auto name = path.substr(slash + 1);
  boost::json::error_code wrong;
  const auto talk = text ? boost::json::parse(*text, wrong) : boost::json::value();
  const auto* files = talk.is_object() ? talk.get_object().if_contains("recordings") : nullptr;
  if (wrong || files == nullptr || !files->is_array()) co_return name;
  for (const auto& entry : files->get_array()) {
    const auto* file = entry.if_object();
    const auto* its = file != nullptr ? file->if_contains("filename") : nullptr;
    const auto* saved = file != nullptr ? file->if_contains("download") : nullptr;
    if (its != nullptr && saved != nullptr && saved->is_string() && its->is_string() &&
        std::string_view(its->get_string()) == name)
      co_return std::string(saved->get_string());
  }
  co_return name;
}

Task<Response> Origin::answer_talks(const Request& request, std::string path) {
  const bool folder = path.empty() || path.ends_with('/');
  if (request.path == "/talks" || (!folder && path.find('.') == std::string::npos)) {
    Response response;
    response.status = Status::moved_permanently;
    response.headers = {{"Location", request.path + "/"}, {"Cache-Control", kShortlyKept}};
    co_return response;
  }
  if (folder) path += "index.html";
  std::string saved_as;
  if (request.query == "download") {
    auto naming = download_name(path);
    saved_as = co_await std::move(naming);
  }
  ++counters_.talk_files;
  auto answering = talks_.answer(request, path, saved_as);
  auto response = co_await std::move(answering);
  const auto type = http::media_type(path);
  if (type.starts_with("video/") || type.starts_with("audio/") || type.starts_with("image/"))
    for (auto& [name, value] : response.headers)
      if (name == "Cache-Control" && response.status != Status::not_found) value = kTalkMediaKept;
  allow_all_origins(response);
  co_return response;
}

Task<Response> Origin::answer_live(const Request& request, std::string_view rest) {
  if (rest == "state.json") return ready(answer_state());
  if (rest == "master.m3u8") return ready(answer_master(request));
  const auto show_end = rest.find('/');
  const auto track_end = rest.find('/', show_end + 1);
  if (show_end == std::string_view::npos || track_end == std::string_view::npos) return ready(closed());
  const auto held = shows_.find(std::string(rest.substr(0, show_end)));
  if (held == shows_.end() || !held->second.visible) return ready(closed());
  const auto& show = held->second.show;
  auto* track = show->track(std::string(rest.substr(show_end + 1, track_end - show_end - 1)));
  if (track == nullptr) return ready(refuse(Status::not_found));
  const auto name = rest.substr(track_end + 1);
  if (name == "index.m3u8") return answer_playlist(request, show, *track);
  if (const auto init = track->init(std::string(name))) {
    auto response = media_response(init_headers_);
    response.body.push_back({init, 0, init->size()});
    return ready(std::move(response));
  }
  const auto media = parse_media_name(name);
  if (!media) return ready(refuse(Status::not_found));
  if (media->part) return answer_part(show, *track, {media->sequence, *media->part});
  return answer_segment(show, *track, media->sequence);
}

Response Origin::refuse(Status status) {
  if (status == Status::service_unavailable) {
    ++counters_.timed_out;
    return error(status, "not published in time\n", kNotKept);
  }
  ++(status == Status::bad_request ? counters_.refused : counters_.not_found);
  return error(status, status == Status::bad_request ? "bad delivery directive\n" : "not found\n", kShortlyKept);
}

Response Origin::answer_state() const {
  Response response;
  response.headers = {{"Content-Type", "application/json"}, {"Cache-Control", kShortlyKept}};
  allow_all_origins(response);
  response.body.push_back({state_text_, 0, state_text_->size()});
  return response;
}

Response Origin::answer_master(const Request& request) {
  if (!current_ || !current_->has_master()) return closed();
  if (!live_show_.empty() && live_show_ != current_->show().id) return closed(); // that one is about to begin
  if (!master_ || master_->first != current_.get()) {
    const auto text = current_->master();
    master_.emplace(current_.get(), RenderedText{share(Bytes(text.begin(), text.end())), share(gzip(text, kBestGzip))});
  }
  ++counters_.playlists;
  const bool packed = takes_gzip(request);
  return playlist_response(packed ? master_->second.packed : master_->second.plain, packed, false);
}

Response Origin::playlist_response(SharedBytes text, bool packed, bool blocking) const {
  Response response;
  response.common_headers = playlist_headers_[packed][blocking];
  const auto length = text->size();
  response.body.push_back({std::move(text), 0, length});
  return response;
}

Task<Response> Origin::answer_playlist(const Request& request, ShowPtr show, ServedTrack& track) {
  const auto wanted = parse_directives(request.query);
  if (!wanted) co_return refuse(Status::bad_request);
  const auto& playlist = track.playlist();
  const auto deadline = std::chrono::steady_clock::now() + timing_.longest_wait();
  bool blocked = false;
  for (;;) {
    if (playlist.empty()) co_return refuse(Status::not_found);
    if (playlist.ended()) break; // directives are ignored
    const auto ready = readiness(*wanted, playlist.next(), timing_);
    if (ready == Readiness::kNow) break;
    if (ready == Readiness::kTooFarAhead) co_return refuse(Status::bad_request);
    if (stopping_ || std::chrono::steady_clock::now() >= deadline) co_return refuse(Status::service_unavailable);
    if (!std::exchange(blocked, true)) ++counters_.blocked;
    co_await track.waiters().wait(deadline);
  }
  const auto now = std::chrono::steady_clock::now();
  const auto held = held_for_next_part(track.changed_at(), now, timing_);
  if (!wanted->blocking() && !playlist.ended() && !stopping_ && now < held) co_await track.waiters().wait(held);
  ++counters_.playlists;
  const bool packed = takes_gzip(request);
  // A blocking answer has a URL of its own: it may be kept for as long as somebody may ask for it (bis 6.2.5.2).
  co_return playlist_response(show->rendered(track, wanted->skip, packed), packed,
                              wanted->blocking() && !playlist.ended());
}

Task<Response> Origin::answer_segment([[maybe_unused]] ShowPtr show, ServedTrack& track, std::int64_t sequence) {
  const auto* segment = track.segment(sequence);
  const bool whole = segment != nullptr && PartPlace{sequence + 1, 0} <= track.playlist().next();
  if (!whole) co_return refuse(Status::not_found);
  ++counters_.segments;
  auto response = co_await answer_media(*segment, 0, segment->part_bytes.size());
  co_return response;
}

// A hinted part is held until it is whole; what lies beyond the hint is not there.
Task<Response> Origin::answer_part([[maybe_unused]] ShowPtr show, ServedTrack& track, PartPlace place) {
  const auto deadline = std::chrono::steady_clock::now() + timing_.longest_wait();
  bool blocked = false;
  while (!track.playlist().empty() && !track.playlist().ended() && place == track.playlist().next()) {
    if (stopping_ || std::chrono::steady_clock::now() >= deadline) co_return refuse(Status::service_unavailable);
    if (!std::exchange(blocked, true)) ++counters_.blocked;
    co_await track.waiters().wait(deadline);
  }
  const auto* segment = track.segment(place.sequence);
  const auto part = static_cast<std::size_t>(place.part);
  if (segment == nullptr || part >= segment->part_bytes.size()) co_return refuse(Status::not_found);
  ++counters_.parts;
  auto response = co_await answer_media(*segment, part, 1);
  co_return response;
}

Task<Response> Origin::answer_media(const ServedTrack::Segment& segment, std::size_t first, std::size_t count) {
  auto response = media_response(segment_headers_);
  if (first + count <= segment.parts.size()) {
    for (std::size_t i = first; i < first + count; ++i)
      response.body.push_back({segment.parts[i], 0, segment.parts[i]->size()});
    co_return response;
  }
  if (!segment.stored) co_return refuse(Status::not_found);
  ++counters_.disk_reads;
  const auto begin = segment.offset_of(first);
  const auto length = segment.offset_of(first + count) - begin;
  const auto bytes = co_await window_->read(*segment.stored); // whole: parts of it are asked for together
  if (!bytes) {
    co_return error(Status::service_unavailable, "the disk is busy\n", kNotKept);
  }
  response.body.push_back({bytes, begin, length});
  co_return response;
}

} // namespace pult::packager
