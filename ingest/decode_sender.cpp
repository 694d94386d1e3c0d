#include "ingest/decode_sender.hpp"

#include "base/messages/feed_link.hpp"

#include <spdlog/spdlog.h>

namespace pult::ingest {
namespace {

// The decoder sends nothing on this link.
constexpr std::size_t kMaxIncomingBytes = 64;

} // namespace

DecodeSender::DecodeSender(asio::io_context& io, std::string socket_path, std::string feed, const ReplayRing& ring)
    : dialer_(io, std::move(socket_path), {kMaxIncomingBytes, kMaxQueuedBytes},
              [this](auto link) { on_link(std::move(link)); }),
      feed_(std::move(feed)), ring_(ring) {}

DecodeSender::~DecodeSender() {
  dialer_.stop();
  // Its callbacks are gone with it: start() gave them a pointer to us.
  if (auto link = std::exchange(link_, nullptr)) link->close({Errc::kUnavailable, "ingest ends"});
}

void DecodeSender::start() {
  dialer_.dial();
}

void DecodeSender::on_link(std::shared_ptr<Link> link) {
  link_ = std::move(link);
  ++connects_;
  link_->start(
      [](std::uint16_t, ByteView, UniqueFd) -> Result<void> {
        return Error{Errc::kCorrupt, "feed link: the decoder has nothing to say here"};
      },
      [this](const Error&) {
        if (link_ == nullptr) return;
        link_ = nullptr;
        dialer_.dial();
      });
  link_->send(feed_link::kHello, feed_link::encode(feed_link::Hello{feed_link::kVersion, feed_}));
  send_replay();
}

void DecodeSender::live(const TsChunk& chunk, bool enters) {
  if (link_ == nullptr) return;
  if (dropping_ && enters && link_->queued_bytes() < kMaxQueuedBytes / 2) return send_replay();
  if (dropping_ || !send(chunk, false)) {
    dropping_ = true;
    dropped_bytes_ += chunk.bytes->size();
  }
}

void DecodeSender::send_replay() {
  dropping_ = false;
  for (const auto& chunk : ring_.replay())
    if (!send(chunk, true)) {
      dropping_ = true;
      dropped_bytes_ += chunk.bytes->size();
      return;
    }
}

bool DecodeSender::send(const TsChunk& chunk, bool replayed) {
  feed_link::Chunk message;
  message.arrival = chunk.arrival;
  message.connection = chunk.connection;
  message.replayed = replayed;
  message.bytes = *chunk.bytes;
  return link_->send(feed_link::kChunk, feed_link::encode(message));
}

} // namespace pult::ingest
