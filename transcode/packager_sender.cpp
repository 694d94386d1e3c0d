#include "transcode/packager_sender.hpp"

#include <iterator>

namespace pult::transcode {
namespace {

using namespace packet_link;

// What the packager sends is small; what waits for it is a second of the largest ladder, the rest stays in the ring.
constexpr Link::Bounds kBounds{64u << 10, 8u << 20};

} // namespace

PackagerSender::PackagerSender(asio::io_context& io, std::string socket_path, std::shared_ptr<PacketRing> ring,
                               OnIdrRequest on_idr_request)
    : dialer_(io, std::move(socket_path), kBounds, [this](auto link) { on_link(std::move(link)); }),
      ring_(std::move(ring)), on_idr_request_(std::move(on_idr_request)),
      self_(std::make_shared<PackagerSender*>(this)) {}

PackagerSender::~PackagerSender() {
  *self_ = nullptr;
  dialer_.stop();
  if (link_) link_->close({Errc::kUnavailable, "the mixer ends"});
}

void PackagerSender::on_link(std::shared_ptr<Link> link) {
  link_ = std::move(link);
  greeted_run_ = 0;
  resumed_ = false;
  slates_sent_ = 0;
  counts_.connected = true;
  link_->start(
      [self = self_](auto type, auto payload, UniqueFd) -> Result<void> {
        return *self != nullptr ? (*self)->on_frame(type, payload) : Result<void>{};
      },
      [self = self_](const Error&) {
        if (*self == nullptr) return;
        (*self)->counts_.connected = false;
        (*self)->link_.reset();
        (*self)->dialer_.dial();
      });
  greet();
}

void PackagerSender::greet() {
  if (const auto hello = ring_->newest_hello()) send_hello(*hello);
}

bool PackagerSender::send_hello(const Hello& hello) {
  if (!link_->send(kHello, encode(hello))) return false;
  greeted_run_ = hello.run;
  return true;
}

Result<void> PackagerSender::on_frame(std::uint16_t type, ByteView payload) {
  if (type == kResume) return resume(payload);
  if (type != kIdrRequest) return Error{Errc::kCorrupt, "packet link: unknown message"};
  auto request = decode_idr_request(payload);
  if (!request) return request.error();
  on_idr_request_(request->request);
  return {};
}

Result<void> PackagerSender::resume(ByteView payload) {
  auto resume = decode_resume(payload);
  if (!resume) return resume.error();
  if (resume->run != greeted_run_) return {}; // to a Hello that is overtaken; the next answer follows
  next_ = std::move(resume->next);
  if (!std::exchange(resumed_, true)) cursor_ = next_.empty() ? ring_->end() : ring_->begin();
  pump();
  return {};
}

bool PackagerSender::is_wanted(const PacketRing::Entry& entry) const {
  return entry.track >= next_.size() || entry.index >= next_[entry.track];
}

void PackagerSender::pump() {
  if (!link_) return;
  if (greeted_run_ == 0) return greet();
  if (!resumed_ || !send_packets()) return;
  for (; slates_sent_ < slates_.size(); ++slates_sent_)
    if (!link_->send({kSlate, std::next(slates_.begin(), static_cast<std::ptrdiff_t>(slates_sent_))->second})) return;
}

bool PackagerSender::send_packets() {
  if (const auto begin = ring_->begin(); cursor_ < begin) {
    counts_.missed += begin - cursor_;
    cursor_ = begin;
  }
  while (const auto entry = ring_->at(cursor_)) {
    if (entry->run > greeted_run_) {
      const auto hello = ring_->hello(entry->run);
      if (!hello) return true; // its encoders are not all open yet
      if (!send_hello(*hello)) return false;
    }
    if (is_wanted(*entry)) {
      if (!link_->send({kPacket, entry->payload})) return false;
      ++counts_.sent;
    }
    ++cursor_;
  }
  return true;
}

void PackagerSender::answer_idr(std::uint32_t request, PictureIndex n) {
  if (link_) link_->send(kIdrAnswer, encode(IdrAnswer{request, n}));
}

void PackagerSender::add_slate(const Slate& slate) {
  const auto place = std::pair(static_cast<int>(slate.track), static_cast<int>(slate.kind));
  slates_[place] = share(encode(slate));
  slates_sent_ = 0; // the map's order changed; they are few
  pump();
}

bool PackagerSender::flushed() const {
  return !link_ || !resumed_ || (cursor_ == ring_->end() && link_->queued_bytes() == 0);
}

PackagerSender::Counts PackagerSender::counts() const {
  auto counts = counts_;
  counts.behind = resumed_ ? ring_->end() - cursor_ : 0;
  return counts;
}

} // namespace pult::transcode
