#include "transcode/feed_listener.hpp"

#include "base/mixer_delay.hpp"
#include "transcode/picture_ring.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>

namespace pult::transcode {
namespace {

namespace wire_of = picture_link;

// The largest frame of this crossing is one of sound (7,688 bytes).
constexpr Link::Bounds kBounds{16u << 10, 1u << 20};
// A feed clock runs with the room's; what is due later than this is a fault, and would hold slots for ever.
constexpr std::chrono::seconds kMaxAhead{1};

} // namespace

class FeedListener::Session : public std::enable_shared_from_this<Session> {
 public:
  Session(FeedListener& owner, std::shared_ptr<Link> link) : owner_(&owner), link_(std::move(link)) {}

  void start() {
    link_->start([self = shared_from_this()](auto type, auto payload, UniqueFd) { return self->take(type, payload); },
                 [self = shared_from_this()](const Error& reason) { self->ended(reason); });
  }
  void close(std::string reason) { link_->close({Errc::kUnavailable, std::move(reason)}); }
  void forget_owner() { owner_ = nullptr; }
  // Those that the feed's delay needs and that nobody has.
  void grant_free() {
    if (!ring_) return; // it did not say yet whose decoder it is
    const auto wanted = std::min<std::size_t>(in_use(), slots_.size());
    for (std::uint32_t slot = 0; slot < wanted; ++slot)
      if (slots_[slot] == Slot::kFree) grant(slot);
  }
  [[nodiscard]] std::string feed() const { return input_ ? input_->name() : std::string(); }

 private:
  enum class Slot : std::uint8_t { kFree, kGranted, kHeld };

  Result<void> take(std::uint16_t type, ByteView payload) {
    if (owner_ == nullptr) return {};
    if (type == wire_of::kSourceHello) return hello(payload);
    if (!input_) return Error{Errc::kCorrupt, "picture link: no hello"};
    if (type == wire_of::kPicture) return picture(payload);
    if (type == wire_of::kSound) return sound(payload);
    return Error{Errc::kCorrupt, "picture link: unknown message"};
  }

  Result<void> hello(ByteView payload) {
    auto hello = wire_of::decode_source_hello(payload);
    if (!hello) return hello.error();
    if (input_) return Error{Errc::kCorrupt, "picture link: a second hello"};
    const auto& inputs = owner_->inputs_;
    const auto found =
        std::find_if(inputs.begin(), inputs.end(), [&](const auto& input) { return input->name() == hello->feed; });
    if (found == inputs.end()) return Error{Errc::kNotFound, "no feed \"" + hello->feed + "\" in this room"};
    owner_->replace(hello->feed, shared_from_this());
    input_ = *found;
    input_->set_connected(true);
    return hand_out_ring();
  }

  Result<void> hand_out_ring() {
    const auto shape = ring_shape(owner_->room_.programme, owner_->room_.fps);
    // A picture may be let go by any thread, and after this session.
    auto freed = [&io = owner_->io_, weak = weak_from_this()](std::uint32_t slot) {
      asio::post(io, [weak, slot] {
        if (const auto self = weak.lock()) self->freed(slot);
      });
    };
    auto ring = PictureRing::make(shape, std::move(freed));
    if (!ring) return ring.error();
    ring_ = std::move(*ring);
    slots_.assign(static_cast<std::size_t>(shape.slots), Slot::kFree);
    link_->send({wire_of::kRing, share(encode(shape))}, ring_->share_fd());
    grant_free();
    return {};
  }

  void freed(std::uint32_t slot) {
    slots_[slot] = Slot::kFree;
    if (slot < in_use()) grant(slot);
  }

  [[nodiscard]] std::uint32_t in_use() const {
    return owner_ == nullptr ? 0 : slots_in_use(owner_->room_.fps, kMixerDelay + input_->delay());
  }

  void grant(std::uint32_t slot) {
    slots_[slot] = Slot::kGranted;
    link_->send(wire_of::kGrant, encode(wire_of::Grant{slot}));
  }

  Result<void> picture(ByteView payload) {
    auto header = wire_of::decode_picture(payload, ring_->shape());
    if (!header) return header.error();
    if (slots_[header->slot] != Slot::kGranted)
      return Error{Errc::kCorrupt, "picture link: a slot that was not granted"};
    slots_[header->slot] = Slot::kHeld;
    auto wrapped = ring_->wrap(header->slot, {header->width, header->height});
    if (header->time <= owner_->room_.epoch.now() + kMaxAhead) input_->add_picture(std::move(wrapped), header->time);
    return {};
  }

  Result<void> sound(ByteView payload) {
    auto sound = wire_of::decode_sound(payload);
    if (!sound) return sound.error();
    if (time_of_sample(sound->first) <= owner_->room_.epoch.now() + kMaxAhead)
      input_->add_sound(sound->first, sound->samples);
    return {};
  }

  void ended(const Error& reason) {
    if (owner_ == nullptr) return;
    if (input_) input_->set_connected(false);
    owner_->on_event_("warning", "decoder of " + (input_ ? input_->name() : "no feed") + ": " + reason.message);
    auto* owner = std::exchange(owner_, nullptr);
    std::erase_if(owner->sessions_, [this](const auto& session) { return session.get() == this; });
  }

  FeedListener* owner_; // null when either is at its end
  std::shared_ptr<Link> link_;
  std::shared_ptr<FeedInput> input_;
  std::shared_ptr<PictureRing> ring_;
  std::vector<Slot> slots_;
};

FeedListener::FeedListener(asio::io_context& io, Room room, FeedInputs inputs, OnEvent on_event)
    : io_(io), room_(std::move(room)), inputs_(std::move(inputs)), on_event_(std::move(on_event)) {}

FeedListener::~FeedListener() {
  for (const auto& session : std::exchange(sessions_, {})) {
    session->forget_owner();
    session->close("the mixer ends");
  }
}

Result<std::unique_ptr<FeedListener>> FeedListener::open(asio::io_context& io, const std::string& socket_path,
                                                         Room room, FeedInputs inputs, OnEvent on_event) {
  std::unique_ptr<FeedListener> self(new FeedListener(io, std::move(room), std::move(inputs), std::move(on_event)));
  auto listener =
      LinkListener::open(io, socket_path, kBounds, [raw = self.get()](auto link) { raw->accept(std::move(link)); });
  if (!listener) return listener.error();
  self->listener_ = std::move(*listener);
  return self;
}

void FeedListener::delays_changed() {
  for (const auto& session : sessions_)
    session->grant_free();
}

void FeedListener::accept(std::shared_ptr<Link> link) {
  auto session = std::make_shared<Session>(*this, std::move(link));
  sessions_.push_back(session);
  session->start();
}

void FeedListener::replace(const std::string& feed, const std::shared_ptr<Session>& session) {
  const auto sessions = sessions_;
  for (const auto& other : sessions)
    if (other != session && other->feed() == feed) other->close("another decoder of this feed came");
}

} // namespace pult::transcode
