// What the origin has of one show: per track the playlist, the parts in memory, where older segments lie, who waits.
//
// Parts of the last 60 s stay in memory; a segment whose bytes are on disk leaves memory then, one that the disk did
// not take stays twice as long and then leaves the playlist with all before it (one that still waits for the disk
// stays; the window's queue bounds how many there are). What the window has lost is still served for two minutes, for
// who read of it a moment ago. Parts that are handed over again after a restart meet what the window has on disk;
// nothing that is listed changes. For the io thread.
#pragma once

#include "packager/playlist_waiters.hpp"
#include "packager/window.hpp"

#include <array>
#include <map>

namespace pult::packager {

inline constexpr std::chrono::seconds kInMemory{60};
inline constexpr std::chrono::seconds kUnstoredInMemory{120};
inline constexpr std::chrono::seconds kServedAfterWindow{120};
inline constexpr std::chrono::seconds kHeldWindow{30}; // what may not be kept can be rewound so far
inline constexpr std::size_t kSegmentsBeforeMaster = 3;

// A playlist as it goes out: plain and packed, each made when first asked for and then shared.
struct RenderedText {
  SharedBytes plain;
  SharedBytes packed;
};

class ServedShow;

class ServedTrack {
 public:
  ServedTrack(TrackDescription description, HlsTiming timing, std::chrono::seconds window, IoExecutor executor);

  struct Segment {
    std::vector<std::size_t> part_bytes; // all that are published
    std::vector<SharedBytes> parts;      // empty when only on disk
    std::optional<WindowPlace> stored;
    bool unstorable = false; // the disk did not take it
    Nanoseconds end{};       // of the show's time in this track
    bool held = false;       // never goes to the disk
    Nanoseconds wall{};      // of its beginning
    [[nodiscard]] std::size_t offset_of(std::size_t part) const;
  };

  [[nodiscard]] const TrackDescription& description() const { return description_; }
  [[nodiscard]] const MediaPlaylist& playlist() const { return playlist_; }
  [[nodiscard]] const Segment* segment(std::int64_t sequence) const;
  [[nodiscard]] SharedBytes init(const std::string& name) const;
  [[nodiscard]] WaitList& waiters() { return waiters_; }
  // When the playlist last changed; the clock's beginning when it has not since the start of the program.
  [[nodiscard]] std::chrono::steady_clock::time_point changed_at() const { return changed_at_; }

 private:
  friend class ServedShow;
  TrackDescription description_;
  MediaPlaylist playlist_;
  std::map<std::int64_t, Segment> segments_; // also what the playlist has dropped, for a while
  std::map<std::string, SharedBytes> inits_;
  WaitList waiters_;
  Nanoseconds published_{};          // sum of all durations
  std::int64_t discontinuities_ = 0; // of the show, also of what the playlist has dropped
  bool changed_ = false;
  std::chrono::steady_clock::time_point changed_at_{};
  std::array<RenderedText, 2> rendered_; // full, delta
};

class ServedShow : public std::enable_shared_from_this<ServedShow> {
 public:
  struct Settings {
    HlsTiming timing;
    int fps = 25;
    std::chrono::milliseconds segment{};
    std::chrono::seconds window{};
    Nanoseconds epoch_wall{};
  };
  ServedShow(Show show, Settings settings, asio::io_context& io, Window& window);

  // Takes over what the window has on disk.
  void adopt(const StoredShow& stored);
  // The show goes on, perhaps with other encoders or other tracks; tracks are the same by name.
  void describe(const Show& show);
  void init_section(const InitSection& init);
  void part(const PublishedPart& part);
  void end(Nanoseconds wall);
  // While held nothing goes to the disk, and all that is older than 30 s leaves the playlists.
  void hold(bool held);
  // All segments that begin before that wall time leave playlists, memory and disk. → how many.
  std::size_t forget_before(Nanoseconds wall);
  // After a batch of the above: wakes all whose playlists changed.
  void publish();
  void wake_all();

  [[nodiscard]] const Show& show() const { return show_; }
  [[nodiscard]] bool ended() const { return ended_; }
  [[nodiscard]] bool has_master() const; // three segments in each track
  [[nodiscard]] std::string master() const;
  [[nodiscard]] ServedTrack* track(const std::string& name);
  // A playlist's text as it is now, rendered once.
  [[nodiscard]] SharedBytes rendered(ServedTrack& track, bool delta, bool packed);
  [[nodiscard]] std::size_t waiting() const;

 private:
  [[nodiscard]] std::unique_ptr<ServedTrack> make_track(const TrackDescription& track) const;
  void append(ServedTrack& track, const PublishedPart& part);
  void take_again(ServedTrack& track, const PublishedPart& part);
  void complete(ServedTrack& track);
  void store(ServedTrack& track, std::int64_t sequence);
  void stored(const std::string& track, std::int64_t sequence, const Result<WindowPlace>& place);
  void forget_old(ServedTrack& track);
  void forget_held(ServedTrack& track);
  [[nodiscard]] Nanoseconds wall_of(const ServedTrack& track, std::int64_t begin) const;
  [[nodiscard]] std::vector<RenditionReport> reports(const ServedTrack& besides) const;

  Show show_;
  Settings settings_;
  asio::io_context& io_;
  Window& window_;
  std::vector<std::unique_ptr<ServedTrack>> tracks_;  // as show_.tracks
  std::vector<std::unique_ptr<ServedTrack>> retired_; // of an earlier config of the room
  bool ended_ = false;
  bool held_ = false;
};

} // namespace pult::packager
