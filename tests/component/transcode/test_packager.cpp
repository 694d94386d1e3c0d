#include "test_packager.hpp"

#include <boost/asio/post.hpp>
#include <gtest/gtest.h>

namespace pult::transcode::testing {

using namespace packet_link;

TestPackager::TestPackager(const std::string& socket_path, std::vector<std::int64_t> next) : next_(std::move(next)) {
  auto listener = LinkListener::open(io_, socket_path, {}, [this](std::shared_ptr<Link> link) {
    link_ = std::move(link);
    link_->start([this](auto type, auto payload, UniqueFd) { return take(type, payload); },
                 [this](const Error&) {
                   const std::lock_guard lock(mutex_);
                   received_.closed = true;
                   changed_.notify_all();
                 });
  });
  EXPECT_TRUE(listener.ok());
  listener_ = std::move(*listener);
  thread_ = std::thread([this] { io_.run(); });
}

TestPackager::~TestPackager() {
  asio::post(io_, [this] {
    listener_->close();
    if (link_) link_->close({Errc::kUnavailable, "test ends"});
    io_.stop();
  });
  thread_.join();
}

Result<void> TestPackager::take(std::uint16_t type, ByteView payload) {
  const std::lock_guard lock(mutex_);
  if (type == kHello) {
    received_.hellos.push_back(*decode_hello(payload));
    link_->send(kResume, encode(Resume{received_.hellos.back().run, next_}));
  }
  if (type == kPacket) {
    const auto packet = *decode_packet(payload);
    received_.tracks[packet.track].push_back({packet.run, packet.index, packet.idr,
                                              Bytes(packet.bytes.begin(), packet.bytes.end()),
                                              std::chrono::steady_clock::now()});
  }
  if (type == kSlate) received_.slates.push_back(*decode_slate(payload));
  if (type == kIdrAnswer) received_.answers.push_back(*decode_idr_answer(payload));
  changed_.notify_all();
  return {};
}

Received TestPackager::wait_for(const std::function<bool(const Received&)>& done, std::chrono::seconds limit) {
  std::unique_lock lock(mutex_);
  EXPECT_TRUE(changed_.wait_for(lock, limit, [&] { return done(received_); })) << "the packager waited in vain";
  return received_;
}

void TestPackager::request_idr(std::uint32_t request) {
  asio::post(io_, [this, request] {
    if (link_) link_->send(kIdrRequest, encode(IdrRequest{request}));
  });
}

} // namespace pult::transcode::testing
