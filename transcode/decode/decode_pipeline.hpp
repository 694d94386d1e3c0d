// One disposable GStreamer pipeline: transport stream in, decoded pictures and 48 kHz stereo sound out.
//
//   appsrc ─▶ tsdemux ─▶ h264parse ─▶ avdec_h264 ─▶ deinterlace ─▶ appsink
//                   └──▶ aacparse  ─▶ avdec_aac  ─▶ audioconvert ─▶ audioresample ─▶ appsink
//
// Branches are built by hand when tsdemux shows a pad: nothing waits for sound that was promised and never comes, and
// nothing prerolls (async and sync are off). There is one streaming thread (no queues): demuxing, decoding and the
// sinks' callbacks run in it, in the order of the stream. Whatever goes wrong is reported once by `failed`; the owner
// throws the pipeline away and starts another.
//
// Times that come out are tsdemux's own, one base for sound and picture: with a BYTES segment 1.22 maps PTS and DTS by
// the PCR, exactly, without skew correction, from 0.7 s on; a PCR jump is bridged by an estimate (the feed clock sees
// it), wraps are unrolled. See README.md.
#pragma once

#include "base/bytes.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"
#include "transcode/decode/feed_clock.hpp"
#include "transcode/gst_raii.hpp"

#include <gst/app/gstappsink.h>
#include <gst/app/gstappsrc.h>
#include <gst/video/video.h>

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace pult::transcode::decode {

class DecodePipeline {
 public:
  struct Options {
    // Each PES holds one whole coded picture, as nearly every sender has it: saves one picture of latency in the
    // parser. When it proves wrong, `failed` says kBundled and the next pipeline is started without.
    bool whole_pictures = true;
    bool both_fields = false; // of interlaced pictures: 50 or 60 pictures a second
  };
  enum class Failure { kError, kProgrammeChanged, kBundled };
  // `failed` comes from any thread, at most once; all others from the streaming thread.
  struct Sinks {
    std::function<void(Track, Nanoseconds arrival, Nanoseconds dts, Nanoseconds pts)> demuxed;
    std::function<void(GstBuffer*, const GstVideoInfo&, Nanoseconds pts)> picture;
    std::function<void(Nanoseconds pts, std::span<const float> interleaved)> sound;
    std::function<void(Track, const std::string& codec, bool supported)> found;
    std::function<void(Failure, const std::string& reason)> failed;
  };
  // Queued and not yet demuxed: 4 s of a 16 Mbit/s feed.
  static constexpr std::size_t kMaxBacklogBytes = 8u << 20;

  static Result<std::unique_ptr<DecodePipeline>> start(Options options, Sinks sinks);
  ~DecodePipeline(); // joins the streaming thread

  // False when nothing was taken: the pipeline is ending, `failed` says why.
  bool push(Nanoseconds arrival, ByteView bytes);
  [[nodiscard]] bool full() const { return backlog_bytes() > kMaxBacklogBytes; }
  [[nodiscard]] std::size_t backlog_bytes() const;
  // Chunks that the streaming thread has begun: it moves while this grows.
  [[nodiscard]] std::uint64_t consumed() const { return consumed_.load(std::memory_order_relaxed); }
  // The arrival of the oldest chunk that still waits; nothing when none does. For the thread that pushes.
  [[nodiscard]] std::optional<Nanoseconds> oldest_waiting();

 private:
  struct Branch;
  DecodePipeline(Options options, Sinks sinks);
  Result<void> build();
  void add_branch(GstPad* pad);
  Result<void> build_branch(Branch& branch, GstPad* pad, const std::vector<std::string>& names);
  void add_sink(Branch& branch, GstElement* last);
  void ignore(GstPad* pad);
  void on_chunk(GstBuffer* buffer);
  void on_unit(Branch& branch, GstBuffer* buffer);
  void on_sample(Branch& branch, GstSample* sample);
  void on_picture(Branch& branch, GstSample* sample);
  void on_sound(Branch& branch, GstSample* sample);
  void fail(Failure failure, const std::string& reason);

  Options options_;
  Sinks sinks_;
  std::vector<std::unique_ptr<Branch>> branches_; // touched by the streaming thread only
  gst::CapsPtr arrival_caps_;
  Nanoseconds arrival_{}; // of the chunk that the streaming thread works on
  std::atomic<std::uint64_t> consumed_{0};
  std::uint64_t pushed_ = 0;
  std::deque<Nanoseconds> waiting_; // arrivals of what was pushed and not yet consumed; the pushing thread's
  std::atomic<bool> failed_{false};
  std::atomic<bool> stopping_{false};
  gst::ElementPtr source_;
  gst::ElementPtr demuxer_;
  gst::PipelinePtr pipeline_;
};

} // namespace pult::transcode::decode
