#include "cam/loop_cache.hpp"

#include <fmt/format.h>

#include <unistd.h>

#include <cctype>
#include <cstdlib>

namespace pult::cam {
namespace {

namespace fs = std::filesystem;

constexpr int kMadeBy = 2;              // raise when the picture, the sound or the encoders' settings change
constexpr size_t kLongestReadable = 60; // of the name, within a file name

// FNV-1a: stable across runs and machines, which std::hash does not promise.
uint64_t fingerprint(std::string_view text) {
  uint64_t hash = 14695981039346656037ULL;
  for (const unsigned char byte : text)
    hash = (hash ^ byte) * 1099511628211ULL;
  return hash;
}

std::string readable(std::string_view name) {
  std::string plain;
  for (const unsigned char byte : name.substr(0, kLongestReadable))
    plain += std::isalnum(byte) ? static_cast<char>(byte) : '_';
  return plain;
}

Result<AVStream*> add_stream(AVFormatContext& output, const AVCodecParameters& parameters, AVRational time_base) {
  auto* stream = avformat_new_stream(&output, nullptr);
  if (!stream) return Error{Errc::kLibrary, "no new stream"};
  if (const int failed = avcodec_parameters_copy(stream->codecpar, &parameters); failed < 0)
    return av_error("stream parameters", failed);
  stream->time_base = time_base;
  return stream;
}

// NUT keeps only pts, and those not negative: places are what we need anyway.
Result<void> write_packet(AVFormatContext& output, const AVStream& stream, const AVPacket& packet, int64_t place,
                          int64_t pts, AVRational time_base) {
  PacketPtr copy(av_packet_clone(&packet));
  copy->stream_index = stream.index;
  copy->dts = place;
  copy->pts = pts;
  copy->duration = 0;
  av_packet_rescale_ts(copy.get(), time_base, stream.time_base);
  if (const int failed = av_interleaved_write_frame(&output, copy.get()); failed < 0)
    return av_error("write loop", failed);
  return {};
}

Result<void> write_packets(AVFormatContext& output, const MediaLoop& loop) {
  const AVRational picture{1, loop.format.fps};
  const AVRational sound{kSamplesPerFrame, kSampleRate};
  const int64_t reorder = loop.reorder();
  for (int64_t n = 0; n < std::ssize(loop.pictures); ++n)
    if (auto written =
            write_packet(output, *output.streams[0], *loop.pictures[n], n, loop.pictures[n]->pts + reorder, picture);
        !written)
      return written;
  for (int64_t m = 0; m < std::ssize(loop.sounds); ++m)
    if (auto written = write_packet(output, *output.streams[1], *loop.sounds[m], m, m, sound); !written) return written;
  return {};
}

Result<void> write_nut(const MediaLoop& loop, const fs::path& path) {
  AVFormatContext* raw = nullptr;
  if (const int failed = avformat_alloc_output_context2(&raw, nullptr, "nut", path.c_str()); failed < 0)
    return av_error("open nut muxer", failed);
  FileOutputPtr output(raw);
  if (auto added = add_stream(*output, *loop.picture_parameters, {1, loop.format.fps}); !added) return added.error();
  if (auto added = add_stream(*output, *loop.sound_parameters, {1, kSampleRate}); !added) return added.error();
  if (const int failed = avio_open(&output->pb, path.c_str(), AVIO_FLAG_WRITE); failed < 0)
    return av_error("create " + path.string(), failed);
  if (const int failed = avformat_write_header(output.get(), nullptr); failed < 0)
    return av_error("write loop", failed);
  if (auto written = write_packets(*output, loop); !written) return written;
  if (const int failed = av_write_trailer(output.get()); failed < 0) return av_error("write " + path.string(), failed);
  return {};
}

Result<InputPtr> open_nut(const fs::path& path) {
  AVFormatContext* raw = nullptr;
  if (const int failed = avformat_open_input(&raw, path.c_str(), av_find_input_format("nut"), nullptr); failed < 0)
    return av_error("open " + path.string(), failed);
  InputPtr input(raw);
  if (input->nb_streams != 2) return Error{Errc::kCorrupt, path.string() + ": not two streams"};
  return input;
}

Result<ParametersPtr> copied(const AVCodecParameters& from) {
  ParametersPtr to(avcodec_parameters_alloc());
  if (const int failed = avcodec_parameters_copy(to.get(), &from); failed < 0)
    return av_error("stream parameters", failed);
  return to;
}

Result<void> read_packets(AVFormatContext& input, MediaLoop& loop) {
  for (;;) {
    PacketPtr packet(av_packet_alloc());
    const int got = av_read_frame(&input, packet.get());
    if (got == AVERROR_EOF) return {};
    if (got < 0) return av_error("read loop", got);
    const bool is_picture = packet->stream_index == 0;
    const AVRational grid = is_picture ? AVRational{1, loop.format.fps} : AVRational{kSamplesPerFrame, kSampleRate};
    packet->pts = av_rescale_q(packet->pts, input.streams[packet->stream_index]->time_base, grid);
    (is_picture ? loop.pictures : loop.sounds).push_back(std::move(packet));
  }
}

} // namespace

fs::path cache_folder() {
  if (const char* cache = std::getenv("XDG_CACHE_HOME"); cache && *cache) return fs::path(cache) / "pult";
  if (const char* home = std::getenv("HOME"); home && *home) return fs::path(home) / ".cache" / "pult";
  return {};
}

std::string cache_name(std::string_view name, std::string_view all, std::string_view suffix) {
  return fmt::format("{}-{:016x}.{}", readable(name), fingerprint(all), suffix);
}

std::string cache_file_name(const LoopFormat& format) {
  const auto all =
      fmt::format("{}\n{}\n{}\n{}x{}\n{}\n{}\n{}\n{}", kMadeBy, format.name, static_cast<int>(format.motif),
                  format.width, format.height, format.fps, format.kbps, format.b_frames, format.length.count());
  return cache_name(fmt::format("{}-{}x{}-{}", format.name, format.width, format.height, format.fps), all, "nut");
}

Result<void> put_in_cache(const fs::path& path, const std::function<Result<void>(const fs::path&)>& write) {
  std::error_code error;
  fs::create_directories(path.parent_path(), error);
  if (error) return errno_error("create " + path.parent_path().string(), error.value());
  const auto temporary = path.parent_path() / fmt::format(".{}.{}", path.filename().string(), ::getpid());
  auto written = write(temporary);
  if (written) fs::rename(temporary, path, error);
  if (error) written = errno_error("rename to " + path.string(), error.value());
  if (!written) fs::remove(temporary, error);
  return written;
}

Result<void> save_loop(const MediaLoop& loop, const fs::path& path) {
  return put_in_cache(path, [&loop](const fs::path& temporary) { return write_nut(loop, temporary); });
}

Result<MediaLoop> load_loop(const LoopFormat& format, const fs::path& path) {
  auto input = open_nut(path);
  if (!input) return input.error();
  MediaLoop loop;
  loop.format = format;
  for (auto [index, target] : {std::pair{0, &loop.picture_parameters}, std::pair{1, &loop.sound_parameters}}) {
    auto parameters = copied(*(*input)->streams[index]->codecpar);
    if (!parameters) return parameters.error();
    *target = std::move(*parameters);
  }
  if (auto read = read_packets(**input, loop); !read) return read.error();
  loop.count_decode_times();
  if (auto whole = loop.check(); !whole) return whole.error();
  return loop;
}

Result<MediaLoop> cached_or_made_loop(const LoopFormat& format, const Progress& progress,
                                      const std::function<void(const std::string&)>& problem) {
  const auto folder = cache_folder();
  const auto path = folder / cache_file_name(format);
  if (!folder.empty() && fs::exists(path)) {
    auto loaded = load_loop(format, path);
    if (loaded) return loaded;
    problem(loaded.error().message + "; made anew");
  }
  auto made = make_loop(format, progress);
  if (!made || folder.empty()) return made;
  if (auto saved = save_loop(*made, path); !saved) problem("not cached: " + saved.error().message);
  return made;
}

} // namespace pult::cam
