#include "test_feed.hpp"

#include "base/link.hpp"
#include "base/messages/picture_link.hpp"

#include <boost/asio/post.hpp>
#include <cstring>
#include <deque>
#include <fstream>
#include <sys/mman.h>
#include <thread>

namespace pult::transcode::testing {

namespace wire_of = picture_link;

class TestFeed::Impl {
 public:
  Impl(const std::string& socket_path, std::string name, RoomEpoch epoch, Content content)
      : name_(std::move(name)), epoch_(std::move(epoch)), content_(std::move(content)),
        dialer_(io_, socket_path, {64u << 10, 4u << 20}, [this](auto link) { connected(std::move(link)); }),
        timer_(io_.get_executor()) {
    load_raw();
    dialer_.dial();
    tick();
    thread_ = std::thread([this] { io_.run(); });
  }
  ~Impl() {
    asio::post(io_, [this] {
      dialer_.stop();
      if (link_) link_->close({Errc::kUnavailable, "test ends"});
      io_.stop();
    });
    thread_.join();
    if (memory_ != nullptr) ::munmap(memory_, bytes_);
  }
  void post(std::function<void(Impl&)> what) {
    asio::post(io_, [this, what] { what(*this); });
  }
  void send_ungranted() {
    if (!link_) return;
    wire_of::Picture picture{granted_.empty() ? 0 : granted_.front(), content_.width, content_.height, epoch_.now(), 1};
    link_->send(wire_of::kPicture, encode(picture));
    link_->send(wire_of::kPicture, encode(picture));
  }

  std::atomic<bool> paused_ = false;
  std::atomic<int> pictures_ = 0;
  std::atomic<std::uint32_t> grants_ = 0;
  std::atomic<bool> closed_ = false;

 private:
  void load_raw() {
    if (content_.raw_file.empty()) return;
    std::ifstream in(content_.raw_file, std::ios::binary | std::ios::ate);
    raw_.resize(static_cast<std::size_t>(in.tellg()));
    in.seekg(0).read(reinterpret_cast<char*>(raw_.data()), static_cast<std::streamsize>(raw_.size()));
  }

  void connected(std::shared_ptr<Link> link) {
    link_ = std::move(link);
    granted_.clear();
    link_->start([this](auto type, auto payload, UniqueFd fd) { return frame(type, payload, std::move(fd)); },
                 [this](const Error&) {
                   closed_ = true;
                   link_.reset();
                 });
    link_->send(wire_of::kSourceHello, encode(wire_of::SourceHello{wire_of::kVersion, name_}));
  }

  Result<void> frame(std::uint16_t type, ByteView payload, UniqueFd fd) {
    if (type == wire_of::kRing) {
      ring_ = *wire_of::decode_ring(payload);
      bytes_ = static_cast<std::size_t>(ring_.slots) * ring_.slot_bytes;
      memory_ = static_cast<std::uint8_t*>(::mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_SHARED, fd.get(), 0));
    }
    if (type == wire_of::kGrant) {
      granted_.push_back(wire_of::decode_grant(payload, ring_.slots)->slot);
      ++grants_;
    }
    return {};
  }

  void tick() {
    const auto grid = *Grid::of(content_.fps);
    const auto n = grid.picture_at(epoch_.now());
    if (link_ && memory_ != nullptr && !paused_) {
      if (n > last_) send_picture(n, grid.time_of(n));
      send_sound();
    }
    last_ = n;
    timer_.expires_at(std::chrono::steady_clock::time_point(epoch_.to_monotonic(grid.time_of(n + 1))));
    timer_.async_wait([this](ErrorCode cancelled) {
      if (!cancelled) tick();
    });
  }

  void send_picture(PictureIndex n, Nanoseconds time) {
    if (granted_.empty()) return;
    const auto slot = granted_.front();
    granted_.pop_front();
    fill(memory_ + slot * ring_.slot_bytes, n);
    link_->send(wire_of::kPicture, encode(wire_of::Picture{slot, content_.width, content_.height, time, 1}));
    ++pictures_;
  }

  void fill(std::uint8_t* out, PictureIndex n) {
    const auto layout = wire_of::HouseLayout::of(content_.width, content_.height);
    if (raw_.empty()) {
      std::memset(out, content_.luma(n), layout.offset[1]);
      std::memset(out + layout.offset[1], 128, layout.bytes - layout.offset[1]);
      return;
    }
    const std::size_t picture =
        static_cast<std::size_t>(content_.width) * static_cast<std::size_t>(content_.height) * 3 / 2;
    const auto* in = raw_.data() + static_cast<std::size_t>(n) % (raw_.size() / picture) * picture;
    for (std::size_t plane = 0; plane < 3; ++plane) {
      const auto width = static_cast<std::size_t>(plane == 0 ? content_.width : content_.width / 2);
      const int height = plane == 0 ? content_.height : content_.height / 2;
      for (int row = 0; row < height; ++row, in += width)
        std::memcpy(out + layout.offset[plane] + static_cast<std::size_t>(row * layout.stride[plane]), in, width);
    }
  }

  void send_sound() {
    const auto now = epoch_.now().count() / 1000 * kSampleRate / 1'000'000;
    if (sound_at_ < now - kSampleRate) sound_at_ = now / wire_of::kSoundFrameSamples * wire_of::kSoundFrameSamples;
    for (; sound_at_ < now; sound_at_ += wire_of::kSoundFrameSamples) {
      wire_of::Sound sound{sound_at_, std::vector<float>(2 * wire_of::kSoundFrameSamples)};
      for (std::size_t i = 0; i < sound.samples.size(); ++i)
        sound.samples[i] = content_.sound(sound_at_ + static_cast<Sample>(i / 2));
      link_->send(wire_of::kSound, encode(sound));
    }
  }

  const std::string name_;
  const RoomEpoch epoch_;
  const Content content_;
  std::vector<std::uint8_t> raw_;
  asio::io_context io_;
  LinkDialer dialer_;
  SteadyTimer timer_;
  std::shared_ptr<Link> link_;
  wire_of::Ring ring_;
  std::uint8_t* memory_ = nullptr;
  std::size_t bytes_ = 0;
  std::deque<std::uint32_t> granted_;
  PictureIndex last_ = 0;
  Sample sound_at_ = 0;
  std::thread thread_;
};

TestFeed::TestFeed(const std::string& socket_path, const std::string& name, RoomEpoch epoch, Content content)
    : impl_(std::make_unique<Impl>(socket_path, name, std::move(epoch), std::move(content))) {}

TestFeed::~TestFeed() = default;

void TestFeed::pause(bool paused) {
  impl_->paused_ = paused;
}

int TestFeed::pictures() const {
  return impl_->pictures_;
}

std::uint32_t TestFeed::grants() const {
  return impl_->grants_;
}

bool TestFeed::closed() const {
  return impl_->closed_;
}

void TestFeed::send_ungranted_picture() {
  impl_->post([](Impl& impl) { impl.send_ungranted(); });
}

} // namespace pult::transcode::testing
