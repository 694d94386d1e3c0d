#include "played_file.hpp"

#include "packager/av_raii.hpp"

namespace pult::packager::test {
namespace {

void take_frames(AVCodecContext& decoder, const AVStream& stream, Played& played) {
  AvFramePtr frame(av_frame_alloc());
  while (avcodec_receive_frame(&decoder, frame.get()) >= 0) {
    const double time = static_cast<double>(frame->best_effort_timestamp) * av_q2d(stream.time_base);
    if ((frame->flags & AV_FRAME_FLAG_DISCARD) != 0 || time < -0.0001) continue;
    if (stream.codecpar->codec_type == AVMEDIA_TYPE_AUDIO) {
      if (played.sound_begin < 0) played.sound_begin = time;
      continue;
    }
    Bytes luma;
    for (int y = 0; y < frame->height; ++y)
      luma.insert(luma.end(), frame->data[0] + y * frame->linesize[0],
                  frame->data[0] + y * frame->linesize[0] + frame->width);
    played.pictures.push_back(std::move(luma));
    played.times.push_back(time);
  }
}

} // namespace

Played play(const std::filesystem::path& file) {
  Played played;
  AVFormatContext* raw = nullptr;
  if (avformat_open_input(&raw, file.c_str(), nullptr, nullptr) < 0) return played;
  const AvInputPtr input(raw);
  avformat_find_stream_info(input.get(), nullptr);
  played.duration = static_cast<double>(input->duration) / AV_TIME_BASE;
  played.chapters = input->nb_chapters;
  for (const AVDictionaryEntry* tag = nullptr;
       (tag = av_dict_get(input->metadata, "", tag, AV_DICT_IGNORE_SUFFIX)) != nullptr;)
    played.tags[tag->key] = tag->value;
  std::vector<AvCodecPtr> decoders;
  for (unsigned i = 0; i < input->nb_streams; ++i) {
    const auto* codec = avcodec_find_decoder(input->streams[i]->codecpar->codec_id);
    decoders.emplace_back(codec != nullptr ? avcodec_alloc_context3(codec) : nullptr);
    if (decoders.back() == nullptr) continue; // the chapters' text
    avcodec_parameters_to_context(decoders.back().get(), input->streams[i]->codecpar);
    decoders.back()->thread_count = 1;
    avcodec_open2(decoders.back().get(), codec, nullptr);
  }
  const AvPacketPtr packet(av_packet_alloc());
  const auto feed = [&](unsigned stream, const AVPacket* what) {
    if (decoders[stream] == nullptr || input->streams[stream]->codecpar->codec_type == AVMEDIA_TYPE_DATA) return;
    avcodec_send_packet(decoders[stream].get(), what);
    take_frames(*decoders[stream], *input->streams[stream], played);
  };
  while (av_read_frame(input.get(), packet.get()) >= 0) {
    feed(static_cast<unsigned>(packet->stream_index), packet.get());
    av_packet_unref(packet.get());
  }
  for (unsigned i = 0; i < decoders.size(); ++i)
    feed(i, nullptr);
  return played;
}

} // namespace pult::packager::test
