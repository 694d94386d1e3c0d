#include "test_room.hpp"

#include <cstdlib>
#include <fcntl.h>
#include <fmt/format.h>
#include <fstream>
#include <gst/gst.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

namespace pult::transcode::decode::test {
namespace {

using namespace std::chrono_literals;

std::optional<Nanoseconds> pcr_of(const std::uint8_t* packet) {
  const bool adaptation = (packet[3] & 0x20) != 0 && packet[4] >= 7 && (packet[5] & 0x10) != 0;
  if (!adaptation) return std::nullopt;
  std::int64_t base = 0;
  for (int i = 6; i < 10; ++i)
    base = base << 8 | packet[i];
  base = base << 1 | packet[10] >> 7;
  return Nanoseconds(base * 100'000 / 9);
}

struct GstStart {
  GstStart() { gst_init(nullptr, nullptr); }
};

} // namespace

Folder::Folder() {
  std::string name = "/dev/shm/pult-decode-XXXXXX";
  path_ = ::mkdtemp(name.data());
}

Folder::~Folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

Bytes make_ts(const std::string& arguments) {
  const Folder folder;
  const auto file = folder.path("out.ts");
  const auto command = "ffmpeg -nostdin -v error -y " + arguments + " -f mpegts " + file;
  EXPECT_EQ(std::system(command.c_str()), 0) << command;
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string flash_and_beep(int seconds, int fps, const std::string& size) {
  return fmt::format("-f lavfi -i color=black:s={1}:r={2}:d={0},drawbox=c=white:t=fill:enable='lt(mod(n\\,{2})\\,2)' "
                     "-f lavfi -i \"aevalsrc='if(lt(mod(t,1),0.04),0.8*cos(2*PI*1000*t),0)':s=48000:d={0}\" ",
                     seconds, size, fps);
}

std::vector<double> flash_to_beep(const TestMixer& mixer) {
  if (mixer.pictures.empty()) return {};
  const auto from = mixer.pictures.front().head.time + 2100ms;
  std::vector<double> beeps;
  Sample last_loud = -48000;
  for (std::size_t i = 0; i < mixer.sound.size(); ++i) {
    const Sample at = mixer.first_sample + static_cast<Sample>(i);
    if (std::abs(mixer.sound[i]) < 0.2f) continue;
    if (at - last_loud > 24000) beeps.push_back(static_cast<double>(at) / 48.0);
    last_loud = at;
  }
  std::vector<double> differences;
  for (std::size_t i = 1; i < mixer.pictures.size(); ++i) {
    const auto& picture = mixer.pictures[i];
    if (picture.luma < 128 || mixer.pictures[i - 1].luma > 128 || picture.head.time < from) continue;
    const double flash = std::chrono::duration<double, std::milli>(picture.head.time).count();
    for (const double beep : beeps)
      if (std::abs(beep - flash) < 400) differences.push_back(beep - flash);
  }
  return differences;
}

std::vector<TimedChunk> paced(const Bytes& ts) {
  std::vector<TimedChunk> chunks;
  std::optional<Nanoseconds> last;
  Nanoseconds now{};
  std::size_t since = 0; // the first chunk after the last PCR
  for (std::size_t at = 0; at < ts.size(); at += 188) {
    const auto left = std::min<std::size_t>(188, ts.size() - at);
    const auto pcr = left == 188 ? pcr_of(ts.data() + at) : std::nullopt;
    if (pcr) {
      if (last) {
        const auto step = std::clamp<Nanoseconds>(*pcr - *last, 0ns, 200ms);
        for (auto i = since; i < chunks.size(); ++i)
          chunks[i].at = now + step * static_cast<int>(i - since) / static_cast<int>(chunks.size() - since);
        now += step;
      }
      last = *pcr;
      since = chunks.size();
    }
    if (pcr || chunks.empty() || chunks.back().bytes.size() >= 7 * 188) chunks.push_back({now, {}});
    chunks.back().bytes.insert(chunks.back().bytes.end(), ts.data() + at, ts.data() + at + left);
  }
  return chunks;
}

UniqueFd sealed_memory(std::size_t bytes, int seals) {
  UniqueFd fd(::memfd_create("ring", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  EXPECT_EQ(::ftruncate(fd.get(), static_cast<off_t>(bytes)), 0);
  EXPECT_EQ(::fcntl(fd.get(), F_ADD_SEALS, seals), 0);
  return fd;
}

TestMixer::TestMixer(asio::io_context& io, const std::string& socket_path, const RoomEpoch& epoch, int width,
                     int height, int fps)
    : epoch_(epoch) {
  const auto bytes = picture_link::HouseLayout::of(width, height).bytes;
  shape_ = {kTestSlots, bytes, width, height, fps};
  memfd_ = sealed_memory(bytes * kTestSlots, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL);
  memory_ = static_cast<std::uint8_t*>(::mmap(nullptr, bytes * kTestSlots, PROT_READ, MAP_SHARED, memfd_.get(), 0));
  auto listener =
      LinkListener::open(io, socket_path, {64u << 10, 1u << 20}, [this](auto link) { on_link(std::move(link)); });
  EXPECT_TRUE(listener.ok());
  listener_ = std::move(*listener);
}

void TestMixer::close() {
  if (listener_) listener_->close();
  if (const auto link = std::exchange(link_, nullptr)) link->close({Errc::kUnavailable, "test"});
}

void TestMixer::on_link(std::shared_ptr<Link> link) {
  ++links;
  link_ = std::move(link);
  link_->start(
      [this](std::uint16_t type, ByteView payload, UniqueFd) -> Result<void> { return on_frame(type, payload); },
      [this](const Error& reason) { closed_because = reason.message; });
  link_->send({picture_link::kRing, share(picture_link::encode(shape_))}, UniqueFd(::dup(memfd_.get())));
  for (std::uint32_t slot = 0; slot < static_cast<std::uint32_t>(kTestSlots); ++slot)
    link_->send(picture_link::kGrant, picture_link::encode(picture_link::Grant{slot}));
}

Result<void> TestMixer::on_frame(std::uint16_t type, ByteView payload) {
  if (type == picture_link::kSourceHello) {
    auto hello = picture_link::decode_source_hello(payload);
    if (!hello) return hello.error();
    feed = hello->feed;
    return {};
  }
  if (type == picture_link::kPicture) {
    auto picture = picture_link::decode_picture(payload, shape_);
    if (!picture) return picture.error();
    take_picture(*picture);
    return {};
  }
  auto frame = picture_link::decode_sound(payload);
  if (!frame) return frame.error();
  if (first_sample < 0) first_sample = frame->first;
  if (frame->first != first_sample + static_cast<Sample>(sound.size())) {
    ++sound_breaks;
    sound.clear();
    first_sample = frame->first;
  }
  for (std::size_t i = 0; i < frame->samples.size(); i += 2)
    sound.push_back(frame->samples[i]);
  return {};
}

void TestMixer::take_picture(const picture_link::Picture& picture) {
  const auto layout = picture_link::HouseLayout::of(picture.width, picture.height);
  const auto* slot = memory_ + picture.slot * shape_.slot_bytes;
  SeenPicture seen{picture, epoch_.now(), 0, {}};
  std::int64_t sum = 0;
  int looked_at = 0;
  // Every eighth row tells black from white, and leaves a sanitizer build its real time.
  for (int y = 0; look && y < picture.height; y += 8, looked_at += picture.width)
    for (int x = 0; x < picture.width; ++x)
      sum += slot[y * layout.stride[0] + x];
  seen.luma = static_cast<double>(sum) / std::max(looked_at, 1);
  seen.centre[0] = slot[layout.stride[0] * (picture.height / 2) + picture.width / 2];
  for (std::size_t plane = 1; plane < 3; ++plane)
    seen.centre[plane] =
        slot[layout.offset[plane] +
             static_cast<std::size_t>(layout.stride[plane] * (picture.height / 4) + picture.width / 4)];
  pictures.push_back(seen);
  if (hold_slots)
    ++held;
  else
    link_->send(picture_link::kGrant, picture_link::encode(picture_link::Grant{picture.slot}));
}

TestRoom::TestRoom(int w, int h, int rate, std::chrono::seconds too_late)
    : epoch{"test", monotonic_now() - 100s, wall_now()},
      mixer(std::make_unique<TestMixer>(io, folder.path("mixer.sock"), epoch, w, h, rate)),
      link(io, folder.path("mixer.sock"), "cam1"),
      decoder((static_cast<void>(GstStart{}), io), *Grid::of(rate), epoch, link, too_late), width(w), height(h),
      fps(rate) {
  link.start();
  EXPECT_TRUE(wait([this] { return link.connected() && !mixer->feed.empty(); }));
}

TestRoom::~TestRoom() {
  decoder.stop();
  link.stop();
  mixer->close();
}

bool TestRoom::wait(const std::function<bool()>& done, std::chrono::milliseconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (std::chrono::steady_clock::now() < deadline) {
    if (done()) return true;
    io.restart();
    io.run_one_for(5ms);
  }
  return done();
}

void TestRoom::deliver(ByteView bytes, std::uint32_t connection) {
  const auto now = monotonic_now();
  for (std::size_t at = 0; at < bytes.size(); at += 1316)
    decoder.take({now, connection, false, bytes.subspan(at, std::min<std::size_t>(1316, bytes.size() - at))});
}

void TestRoom::play_fast(const std::vector<TimedChunk>& chunks, std::uint32_t connection) {
  ASSERT_FALSE(chunks.empty());
  const auto start = monotonic_now() - chunks.back().at;
  for (const auto& chunk : chunks) {
    decoder.take({start + chunk.at, connection, true, chunk.bytes});
    io.restart();
    io.run_for(0ms);
    wait([this] { return decoder.report().backlog_bytes == 0; });
  }
  wait([this] { return decoder.report().backlog_bytes == 0; });
  wait([] { return false; }, 50ms); // what is on its way
}

void TestRoom::play(const std::vector<TimedChunk>& chunks, std::uint32_t connection,
                    const std::function<bool()>& until) {
  const auto start = monotonic_now();
  auto next_tick = start;
  for (const auto& chunk : chunks) {
    wait([&] { return monotonic_now() >= start + chunk.at; });
    if (until && until()) return;
    decoder.take({start + chunk.at, connection, false, chunk.bytes});
    if (monotonic_now() > next_tick) {
      decoder.tick();
      next_tick += 100ms;
    }
  }
  wait([this] { return decoder.report().backlog_bytes == 0; });
  wait([] { return false; }, 50ms); // what is on its way
}

} // namespace pult::transcode::decode::test
