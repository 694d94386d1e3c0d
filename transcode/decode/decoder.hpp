// One feed's decoder: takes chunks of transport stream, keeps a pipeline for them, starts another whenever it must.
//
// Started anew: a new link or connection number, another programme map (seen before the demuxer sees it, so that the
// new pipeline begins with the new tables), any error of the pipeline (after a pause that grows from 50 ms to 2 s while
// errors repeat), a stall (data waits and the streaming thread does not move for 2 s; pictures came, their data goes on
// and none comes for 3 s), more than 3 s behind live or a
// backlog that is full (what is late is shown to nobody: better the next key frame). Nothing of that ends the program.
// All members belong to the io thread.
#pragma once

#include "base/asio.hpp"
#include "base/messages/feed_link.hpp"
#include "transcode/decode/decode_pipeline.hpp"
#include "transcode/decode/placer.hpp"
#include "transcode/decode/psi_watch.hpp"

#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace pult::transcode::decode {

struct DecoderReport {
  PlacerStats media;
  std::string picture_codec; // empty: none promised
  std::string sound_codec;
  std::uint64_t restarts = 0; // pipelines after the first
  std::uint64_t chunks_dropped = 0;
  std::size_t backlog_bytes = 0;
  std::string last_error; // plain words
  std::string verdict;    // what is the case now, in plain words
};

class Decoder {
 public:
  Decoder(asio::io_context& io, Grid grid, const RoomEpoch& epoch, MixerLink& mixer,
          std::chrono::seconds too_late = Placer::kTooLate);
  ~Decoder();

  void begin_link(); // ingest dialled anew: what follows is a replay
  // The crew wants it: whatever there is goes, pauses as well.
  void start_anew(const std::string& reason);
  void take(const feed_link::Chunk& chunk);
  void tick(); // every 100 ms
  void stop();

  // The streaming thread moves, or has nothing to do.
  [[nodiscard]] bool moving() const { return !stuck_; }
  [[nodiscard]] DecoderReport report() const;

 private:
  struct Found { // written by the streaming thread
    std::mutex mutex;
    std::string picture, sound; // codecs
    bool picture_unsupported = false, sound_unsupported = false;
  };
  void feed(Nanoseconds arrival, ByteView bytes);
  void restart(const std::string& reason);
  [[nodiscard]] bool far_behind(Nanoseconds arrival) const;
  bool ensure_pipeline(Nanoseconds arrival);
  void drop_pipeline();
  DecodePipeline::Sinks sinks();
  void on_failed(std::uint64_t generation, DecodePipeline::Failure failure, const std::string& reason);
  void watch_progress(Nanoseconds now);
  [[nodiscard]] std::string verdict() const;

  asio::io_context& io_;
  Grid grid_;
  Placer placer_;
  PsiWatch psi_;
  mutable Found found_;
  DecodePipeline::Options options_;
  std::unique_ptr<DecodePipeline> pipeline_;
  std::uint64_t generation_ = 0; // of the pipeline; failures of older ones are ignored
  std::optional<std::uint32_t> connection_;
  Nanoseconds not_before_{}; // the pause after an error
  std::chrono::milliseconds pause_;
  Nanoseconds started_{};
  Nanoseconds last_chunk_{};
  Nanoseconds moved_at_{};
  std::optional<Nanoseconds> refused_since_;
  std::uint64_t consumed_ = 0;
  bool stuck_ = false;
  std::uint64_t restarts_ = 0;
  std::uint64_t chunks_dropped_ = 0;
  std::string last_error_;
  std::string told_reason_; // the last one in the log
  Nanoseconds told_at_{};
  std::shared_ptr<Decoder*> self_; // null when gone: late callbacks become no-ops
};

} // namespace pult::transcode::decode
