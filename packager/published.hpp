// What the timeline hands on: finished parts, immutable and shared, to whoever serves or keeps them.
//
// The order is the order of truth: a part reaches a sink only after its bytes and its index line are in the run
// directory. A sink never asks the timeline anything and never blocks it. All calls come from the timeline thread, in
// order; a sink that lives elsewhere (the origin's io thread, the window's disk writer) takes them into a queue of its
// own.
#pragma once

#include "base/bytes.hpp"
#include "base/messages/packet_link.hpp"
#include "base/programme_time.hpp"

#include <memory>
#include <string>
#include <vector>

namespace pult::packager {

struct TrackDescription {
  packet_link::TrackKind kind = packet_link::TrackKind::kVideo;
  std::string name;  // of the config; the folder in URLs: /live/<show>/<name>/…
  std::string codec; // RFC 6381: "avc1.640028", "mp4a.40.2"
  int width = 0;     // video
  int height = 0;
  int kbps = 0;         // nominal, of the config
  std::string language; // sound
  std::uint32_t timescale = 90000;
};

// Indices in a row that are not live: pictures of a rung, or sound frames.
struct FilledRun {
  std::int64_t first = 0;
  std::int64_t count = 0;
  friend bool operator==(const FilledRun&, const FilledRun&) = default;
};

// One part of one track. Times are on the track's timescale, since the room's epoch.
struct PublishedPart {
  std::size_t track = 0;     // into Show::tracks
  std::int64_t sequence = 0; // media sequence number of its segment
  int number = 0;            // within the segment, from 0
  bool last_of_segment = false;
  bool independent = false;       // begins with an IDR (sound: always)
  PictureIndex first_picture = 0; // of the part's span on the picture grid
  std::int64_t begin = 0;
  std::int64_t duration = 0;
  bool discontinuity_before = false; // only on the first part of a segment
  std::vector<FilledRun> filled;     // what of it is not live
  std::string init_name;             // "init-<hash>.mp4": the MAP in force from this segment on
  SharedBytes bytes;
};

struct InitSection {
  std::size_t track = 0;
  std::string name;
  SharedBytes bytes;
};

struct Show {
  std::string id;
  std::vector<TrackDescription> tracks; // renditions from large to small, then sounds
  PictureIndex first = 0;               // first index of the show's first span
  std::int64_t first_sequence = 0;
};

// Implemented by the origin (playlists and parts in memory) and by the window (older segments on disk).
class PartSink {
 public:
  virtual ~PartSink() = default;
  virtual void show_begins(const Show& show) = 0; // also after a restart, before its parts are handed over again
  virtual void init_section(const InitSection& init) = 0;
  virtual void part(const PublishedPart& part) = 0;
  virtual void show_ends(const std::string& show_id) = 0; // ENDLIST
};

} // namespace pult::packager
