#include "ingest/ts_reader.hpp"

namespace pult::ingest {

std::optional<EntryPoint> TsReader::push(ByteView bytes, const OnPacket& on_packet) {
  std::optional<EntryPoint> entry;
  splitter_.push(bytes, [&](const TsPacket& packet, std::uint64_t offset) {
    take(packet, offset, entry);
    if (on_packet) on_packet(packet);
  });
  return entry;
}

void TsReader::take(const TsPacket& packet, std::uint64_t offset, std::optional<EntryPoint>& entry) {
  tables_.push(packet);
  const auto* video = tables_.video();
  if (video == nullptr) return;
  if (packet.pid == video->pid && packet.unit_start) tables_at_picture_ = tables_.packets();
  if (const auto at = key_frames_.push(packet, offset, *video)) entry = EntryPoint{*at, tables_at_picture_};
}

} // namespace pult::ingest
