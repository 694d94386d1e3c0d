#include "transcode/decode/feed_source.hpp"

#include <spdlog/spdlog.h>

namespace pult::transcode::decode {
namespace {

constexpr Link::Bounds kBounds{feed_link::kMaxChunkBytes + 64, 64u << 10};

} // namespace

Result<std::unique_ptr<FeedSource>> FeedSource::open(asio::io_context& io, const std::string& socket_path,
                                                     std::string feed, Decoder& decoder) {
  std::unique_ptr<FeedSource> source(new FeedSource(std::move(feed), decoder));
  auto listener =
      LinkListener::open(io, socket_path, kBounds, [s = source.get()](auto link) { s->on_link(std::move(link)); });
  if (!listener) return listener.error();
  source->listener_ = std::move(*listener);
  return source;
}

FeedSource::~FeedSource() {
  close();
}

void FeedSource::close() {
  *self_ = nullptr;
  if (listener_) listener_->close();
  if (const auto link = std::exchange(link_, nullptr)) link->close({Errc::kUnavailable, "the decoder ends"});
}

void FeedSource::ask_for_replay() {
  if (const auto link = std::exchange(link_, nullptr)) link->close({Errc::kUnavailable, "the decoder starts anew"});
}

void FeedSource::on_link(std::shared_ptr<Link> link) {
  if (const auto old = std::exchange(link_, link)) old->close({Errc::kUnavailable, "ingest dialled anew"});
  greeted_ = false;
  link->start(
      [self = self_, raw = link.get()](std::uint16_t type, ByteView payload, UniqueFd) -> Result<void> {
        if (*self == nullptr || (*self)->link_.get() != raw) return {};
        return (*self)->on_frame(type, payload);
      },
      [self = self_, raw = link.get()](const Error& reason) {
        if (*self == nullptr || (*self)->link_.get() != raw) return;
        spdlog::info("ingest gone: {}", reason.message);
        (*self)->link_.reset();
      });
}

Result<void> FeedSource::on_frame(std::uint16_t type, ByteView payload) {
  if (!greeted_) {
    if (type != feed_link::kHello) return Error{Errc::kCorrupt, "feed link: no hello"};
    auto hello = feed_link::decode_hello(payload);
    if (!hello) return hello.error();
    if (hello->feed != feed_) return Error{Errc::kRefused, "feed link: this decoder is for " + feed_};
    greeted_ = true;
    decoder_.begin_link();
    return {};
  }
  if (type != feed_link::kChunk) return Error{Errc::kCorrupt, "feed link: unknown message"};
  auto chunk = feed_link::decode_chunk(payload);
  if (!chunk) return chunk.error();
  decoder_.take(*chunk);
  return {};
}

} // namespace pult::transcode::decode
