#include "cam/file_source.hpp"

#include "cam/encoders.hpp"

#include <utility>

namespace pult::cam {
namespace {

// A file interleaved worse than this is played with its sound late, rather than read into memory whole.
constexpr size_t kMostQueued = 2048;

Result<FileTimeline> scan(MediaFile& file) {
  FileScan scan(file.sound() ? file.sound()->codecpar->sample_rate : 0);
  const PacketPtr packet(av_packet_alloc());
  for (;;) {
    const auto more = file.read(*packet);
    if (!more) return more.error();
    if (!*more) return scan.timeline();
    if (packet->pts == AV_NOPTS_VALUE || packet->dts == AV_NOPTS_VALUE)
      return Error{Errc::kCorrupt, "packets without a time"};
    if (!file.is_picture(*packet)) {
      scan.sound(ticks_in(*file.sound(), packet->pts));
      continue;
    }
    const auto& stream = file.picture();
    scan.picture(ticks_in(stream, packet->pts), ticks_in(stream, packet->dts), ticks_in(stream, packet->duration));
  }
}

} // namespace

FileSource::FileSource(MediaFile file, FileTimeline timeline, PacketPtr silence)
    : file_(std::move(file)), timeline_(timeline), silence_(std::move(silence)) {}

Result<std::unique_ptr<FileSource>> FileSource::open(const std::filesystem::path& path) {
  const auto named = [&path](Error error) {
    error.message = path.string() + ": " + error.message;
    return error;
  };
  auto file = MediaFile::open(path);
  if (!file) return file.error();
  auto timeline = scan(*file);
  if (!timeline) return named(timeline.error());
  if (auto rewound = file->rewind(); !rewound) return named(rewound.error());
  PacketPtr silence;
  if (timeline->sample_rate) {
    auto made = silent_packet(*file->sound()->codecpar);
    if (!made) return named(made.error());
    silence = std::move(*made);
  }
  return std::unique_ptr<FileSource>(new FileSource(std::move(*file), *timeline, std::move(silence)));
}

Result<void> FileSource::start(Ticks now) {
  for (;;) {
    auto queued = take();
    if (!queued) return queued.error();
    if (queued->track != Track::kPicture || !queued->key) continue;
    base_ = now - queued->due;
    held_ = std::move(*queued);
    return {};
  }
}

Result<DuePacket> FileSource::next() {
  if (held_) {
    current_ = std::move(*held_);
    held_.reset();
  } else {
    auto queued = take();
    if (!queued) return queued.error();
    current_ = std::move(*queued);
  }
  return DuePacket{.track = current_.track,
                   .pts = base_ + current_.pts,
                   .dts = base_ + current_.dts,
                   .due = base_ + current_.due,
                   .key = current_.key,
                   .media = current_.packet.get()};
}

Result<FileSource::Queued> FileSource::take() {
  const auto waits_for_the_other = [this] {
    if (pictures_.empty()) return sounds_.size() < kMostQueued;
    return sounds_.empty() && silence_ && pictures_.size() < kMostQueued;
  };
  while ((pictures_.empty() && sounds_.empty()) || waits_for_the_other())
    if (auto read = read_one(); !read) return read.error();
  const bool sound_first = !sounds_.empty() && (pictures_.empty() || sounds_.front().due < pictures_.front().due);
  auto& from = sound_first ? sounds_ : pictures_;
  Queued taken = std::move(from.front());
  from.pop_front();
  return taken;
}

Result<void> FileSource::read_one() {
  PacketPtr packet(av_packet_alloc());
  const auto more = file_.read(*packet);
  if (!more) return more.error();
  if (!*more) return end_turn();
  if (packet->pts == AV_NOPTS_VALUE || packet->dts == AV_NOPTS_VALUE) return {}; // none at the scan: the file changed
  if (file_.is_picture(*packet))
    queue_picture(std::move(packet));
  else
    queue_sound(std::move(packet));
  return {};
}

Result<void> FileSource::end_turn() {
  if (silence_) queue_silence_up_to(timeline_.end_slot(turn_));
  ++turn_;
  return file_.rewind();
}

void FileSource::queue_picture(PacketPtr packet) {
  const auto& stream = file_.picture();
  const Ticks pts = timeline_.picture_time(turn_, ticks_in(stream, packet->pts));
  const Ticks dts = timeline_.picture_time(turn_, ticks_in(stream, packet->dts));
  const bool key = (packet->flags & AV_PKT_FLAG_KEY) != 0;
  pictures_.push_back({.track = Track::kPicture,
                       .pts = pts,
                       .dts = dts,
                       .due = dts + timeline_.reorder,
                       .key = key,
                       .packet = std::move(packet)});
}

void FileSource::queue_sound(PacketPtr packet) {
  const auto slot = timeline_.slot_of(turn_, ticks_in(*file_.sound(), packet->pts));
  if (!slot || *slot < next_slot_) return; // beyond the picture, or a second frame for the same slot
  queue_silence_up_to(*slot);
  queue_slot(std::move(packet));
}

void FileSource::queue_silence_up_to(int64_t slot) {
  while (next_slot_ < slot)
    queue_slot(PacketPtr(av_packet_clone(silence_.get())));
}

void FileSource::queue_slot(PacketPtr packet) {
  const Ticks pts = timeline_.slot_time(next_slot_++);
  sounds_.push_back(
      {.track = Track::kSound, .pts = pts, .dts = pts, .due = pts, .key = true, .packet = std::move(packet)});
}

} // namespace pult::cam
