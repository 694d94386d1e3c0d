// pult-transcode without its main: feeds in, mixer, encoders, packets out, slates, and the state link. The io thread.
#pragma once

#include "transcode/encode_meter.hpp"
#include "transcode/feed_listener.hpp"
#include "transcode/mixer.hpp"
#include "transcode/overload_alarm.hpp"
#include "transcode/packager_sender.hpp"
#include "transcode/slate_maker.hpp"

#include "base/program.hpp"
#include "base/worker.hpp"

#include <boost/json/object.hpp>
#include <memory>

namespace pult::transcode {

class Transcoder {
 public:
  // GStreamer is initialised. Everything runs when it returns.
  static Result<std::unique_ptr<Transcoder>> open(asio::io_context& io, Program& program);
  ~Transcoder();

  // Encodes what is composed, sends what is encoded (at most kFlush), then calls `done`.
  void stop(std::function<void()> done);
  [[nodiscard]] boost::json::object report();

 private:
  static constexpr std::chrono::milliseconds kFlush{400};
  Transcoder(asio::io_context& io, Program& program);
  Result<void> open();
  void start_mixer();
  void want(const WantedState& state);
  void start_slates();
  [[nodiscard]] LadderSink ladder_sink();
  [[nodiscard]] Mixer::Callbacks mixer_callbacks();
  void flush(Nanoseconds deadline, std::function<void()> done);
  // To the io thread; nothing happens when the Transcoder is gone by then.
  template <typename Function>
  void post(Function function);

  asio::io_context& io_;
  Program& program_;
  std::shared_ptr<Transcoder*> self_; // null when gone
  FeedInputs inputs_;
  std::shared_ptr<PacketRing> ring_;
  std::shared_ptr<EncodeMeter> meter_;
  std::unique_ptr<FeedListener> feeds_;
  std::unique_ptr<PackagerSender> sender_;
  std::unique_ptr<Worker> worker_;
  std::unique_ptr<Mixer> mixer_;
  std::unique_ptr<SlateMaker> slates_;
  SteadyTimer flush_timer_;
  OverloadAlarm overload_;
  double last_cpu_ = 0;
  Nanoseconds last_cpu_at_{};
};

} // namespace pult::transcode
