// The public HTTP origin: the viewer page, everything of the stream under /live/, the archive under /talks/.
//
// Without a show /live/ is closed (404), after its end a show's URLs stay for the window. The multivariant playlist
// comes with the third segment, and goes when the next show is wanted: nobody who comes for that one gets the last.
// Blocked requests (reloads, hinted parts) wait for a publication, at most three target durations. Every URL of media
// always has the same bytes; errors may be cached for a second at most, and everything has CORS, errors too.
// Construction, start(), set_state() and answer() are for the io thread (or before it runs). PartSink's calls come from
// the timeline thread: they are queued, taken over in batches, and only then do playlists change, all at once.
// What a restarted packager hands over again must be handed over before start(): nobody may see half of it.
#pragma once

#include "base/http_files.hpp"
#include "base/http_server.hpp"
#include "base/messages/wanted_state.hpp"
#include "packager/served_show.hpp"
#include "packager/static_files.hpp"

#include <array>
#include <mutex>
#include <variant>

namespace pult::packager {

class Origin : public PartSink {
 public:
  struct Settings {
    Cutting cutting;
    std::chrono::milliseconds segment;
    std::chrono::seconds window;
    Nanoseconds epoch_wall;
    std::filesystem::path talks; // the public folder of the archive
    int download_kbps = 0;       // of all that is read of it together; 0: no bound
  };
  // What /live/state.json says besides what the origin knows.
  struct State {
    std::string state = "rehearsal"; // "live", "over"
    std::string show;                // its id; while it is live, no other show has a multivariant playlist
    std::string room, event;
    std::string slate;       // "" (none) or its kind
    std::string slate_until; // ISO 8601, or ""
    WantedState::Talk talk;  // id "": none
  };
  struct Counters {
    std::uint64_t playlists = 0;
    std::uint64_t segments = 0;
    std::uint64_t parts = 0;
    std::uint64_t blocked = 0;   // of these: had to wait
    std::uint64_t timed_out = 0; // 503
    std::uint64_t refused = 0;   // 400
    std::uint64_t not_found = 0; // 404
    std::uint64_t disk_reads = 0;
    std::uint64_t talk_files = 0; // of the archive
  };

  Origin(asio::io_context& io, Settings settings, std::unique_ptr<Window> window, StaticFiles page);
  ~Origin() override;

  // Accepts viewers on a listening socket.
  Result<void> start(UniqueFd listening, http::Limits limits = {});
  void stop(std::chrono::milliseconds grace);

  void set_state(const State& state);
  // What is published from now on is never written to the disk, and the window shrinks to 30 s.
  void hold(bool held);
  // All that was published before that wall time is gone: playlists, memory, disk. → segments.
  std::size_t forget_before(Nanoseconds wall);
  // Ends what an earlier life left open and nobody went on with.
  void end_forgotten();
  [[nodiscard]] Task<http::Response> answer(const http::Request& request);

  [[nodiscard]] const Counters& counters() const { return counters_; }
  [[nodiscard]] std::size_t waiting() const; // blocked now
  [[nodiscard]] std::size_t connections() const { return server_ ? server_->connections() : 0; }
  [[nodiscard]] int listening_fd() const { return server_ ? server_->listening_fd() : -1; }
  [[nodiscard]] int port() const { return server_ ? server_->port() : 0; }
  [[nodiscard]] const Window& window() const { return *window_; }

  // PartSink: any one thread.
  void show_begins(const Show& show) override;
  void init_section(const InitSection& init) override;
  void part(const PublishedPart& part) override;
  void show_ends(const std::string& show_id) override;

 private:
  struct ShowEnd {
    std::string id;
  };
  using Event = std::variant<Show, InitSection, PublishedPart, ShowEnd>;
  using ShowPtr = std::shared_ptr<ServedShow>;
  struct Held {
    ShowPtr show;
    bool visible = false; // false: never ended, and its timeline has not come back yet
    std::chrono::steady_clock::time_point until = std::chrono::steady_clock::time_point::max();
  };

  [[nodiscard]] ServedShow::Settings served_settings() const;
  void enqueue(Event event);
  void take_events();
  void take(Show& show);
  void take(InitSection& init);
  void take(PublishedPart& part);
  void take(ShowEnd& end);
  void end_show(Held& held);
  void remove_expired();

  [[nodiscard]] Task<http::Response> answer_talks(const http::Request& request, std::string path);
  [[nodiscard]] Task<std::string> download_name(std::string path);
  [[nodiscard]] Task<http::Response> answer_live(const http::Request& request, std::string_view rest);
  [[nodiscard]] http::Response answer_master(const http::Request& request);
  [[nodiscard]] http::Response answer_state() const;
  [[nodiscard]] Task<http::Response> answer_playlist(const http::Request& request, ShowPtr show, ServedTrack& track);
  // `show` keeps its track while the answer waits.
  [[nodiscard]] Task<http::Response> answer_segment(ShowPtr show, ServedTrack& track, std::int64_t sequence);
  [[nodiscard]] Task<http::Response> answer_part(ShowPtr show, ServedTrack& track, PartPlace place);
  [[nodiscard]] Task<http::Response> answer_media(const ServedTrack::Segment& segment, std::size_t first,
                                                  std::size_t count);
  [[nodiscard]] http::Response playlist_response(SharedBytes text, bool packed, bool blocking) const;
  [[nodiscard]] http::Response refuse(http::Status status);

  asio::io_context& io_;
  Settings settings_;
  HlsTiming timing_;
  std::unique_ptr<Window> window_;
  StaticFiles page_;
  http::FileServer talks_;
  using HeaderLines = std::shared_ptr<const std::string>;
  HeaderLines init_headers_, segment_headers_;
  std::array<std::array<HeaderLines, 2>, 2> playlist_headers_; // [packed][blocking]
  bool stopping_ = false;
  bool held_ = false;
  SharedBytes state_text_;
  std::string live_show_; // "": none
  std::map<std::string, Held> shows_;
  ShowPtr current_; // on air, or the last one
  std::optional<std::pair<const ServedShow*, RenderedText>> master_;
  SteadyTimer expiry_;
  Counters counters_;
  std::unique_ptr<http::Server> server_;

  std::mutex inbox_mutex_;
  std::vector<Event> inbox_;
  std::shared_ptr<Origin*> self_; // null when gone: posted batches become no-ops
};

} // namespace pult::packager
