// Makes a cut part real: fragment, run directory, then the sinks, in that order (docs/architecture.md, Time).
//
// One per show. The show's record `live/<show>/show` says on which epoch its indices count and where its first span
// began; `live/<show>/ended` that it is over. A part that the run directory refuses (memory full) is published all the
// same and counted: the programme comes before the restart. One thread (the timeline's).
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/config.hpp"
#include "base/room_epoch.hpp"
#include "packager/format_store.hpp"
#include "packager/part_store.hpp"
#include "packager/published.hpp"
#include "packager/track_muxer.hpp"

namespace pult::packager {

// The tracks of a room, as its config has them: renditions, then sounds.
[[nodiscard]] std::vector<TrackDescription> describe_tracks(const RoomConfig& config);

// Who gets what.
struct Sinks {
  std::vector<PartSink*> window; // all that is published
  // All that is published again after a restart; what is new they get of the clean programme.
  std::vector<PartSink*> recorders;
};

class PartWriter {
 public:
  // A folder per show: ids are letters, digits, '-' and '_', at most 64.
  static bool valid_id(const std::string& show);
  static Result<std::unique_ptr<PartWriter>> open(const std::filesystem::path& run_dir, const std::string& show,
                                                  const RoomConfig& config, const RoomEpoch& epoch, Sinks sinks);

  // Reads what was published, hands it to the sinks again and says where to go on. Empty: nothing on this epoch.
  [[nodiscard]] Result<std::optional<ResumePoint>> resume(const FormatStore& formats);
  [[nodiscard]] bool ended() const;
  // The highest sequence number in the run directory, also of another epoch; -1 for none.
  [[nodiscard]] std::int64_t highest_sequence() const { return highest_sequence_; }

  void formats(const std::vector<TrackToolsPtr>& tools); // before the first part: the show names its codecs
  // What was published; nothing when no fragment could be made of it, which is counted.
  std::optional<PublishedPart> write(const CutPart& part);
  void end(); // for the window; recorders hear it when the clean programme has ended
  // Shows other than this one leave the run directory.
  void remove_others() const;

  [[nodiscard]] std::uint64_t failures() const { return failures_; }

 private:
  struct Track {
    TrackDescription description;
    TrackStore store;
    TrackMuxer muxer;
    std::string handed_init; // the init section that the sinks have
  };
  PartWriter(std::filesystem::path folder, std::string show, RoomEpoch epoch, Cutting cutting, Sinks sinks)
      : folder_(std::move(folder)), show_(std::move(show)), epoch_(std::move(epoch)), cutting_(cutting),
        sinks_(std::move(sinks)) {
    all_ = sinks_.window;
    all_.insert(all_.end(), sinks_.recorders.begin(), sinks_.recorders.end());
  }
  struct Record {
    PictureIndex first = 0;
    std::int64_t first_sequence = 0;
  };
  [[nodiscard]] std::optional<Record> read_record() const;
  void begin(const CutPart& first);
  void announce(const Record& record);
  void hand_init(std::size_t track, const std::string& name, const SharedBytes& bytes);
  [[nodiscard]] std::optional<ResumePoint> point_of(const std::vector<std::vector<KeptPart>>& kept,
                                                    const FormatStore& formats) const;
  void hand_over(const std::vector<std::vector<KeptPart>>& kept, const FormatStore& formats);

  std::filesystem::path folder_;
  std::string show_;
  RoomEpoch epoch_;
  Cutting cutting_;
  Sinks sinks_;
  std::vector<PartSink*> all_;
  std::vector<Track> tracks_;
  bool announced_ = false;
  std::int64_t highest_sequence_ = -1;
  std::uint64_t failures_ = 0;
};

} // namespace pult::packager
