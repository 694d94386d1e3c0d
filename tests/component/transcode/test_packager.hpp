// A packager as transcode sees one: listens at the real socket, answers Hello by Resume, keeps all that comes.
#pragma once

#include "base/asio.hpp"
#include "base/link.hpp"
#include "base/messages/packet_link.hpp"

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

namespace pult::transcode::testing {

struct KeptPacket {
  std::uint64_t run = 0;
  std::int64_t index = 0;
  bool idr = false;
  Bytes bytes;
  std::chrono::steady_clock::time_point came;
};

struct Received {
  std::vector<packet_link::Hello> hellos;
  std::map<int, std::vector<KeptPacket>> tracks;
  std::vector<packet_link::Slate> slates;
  std::vector<packet_link::IdrAnswer> answers;
  bool closed = false;
};

class TestPackager {
 public:
  explicit TestPackager(const std::string& socket_path, std::vector<std::int64_t> next = {});
  ~TestPackager();

  // What was received, once `done` holds; fails the test after `limit`.
  Received wait_for(const std::function<bool(const Received&)>& done,
                    std::chrono::seconds limit = std::chrono::seconds(40));
  void request_idr(std::uint32_t request);

 private:
  Result<void> take(std::uint16_t type, ByteView payload);

  const std::vector<std::int64_t> next_;
  asio::io_context io_;
  std::unique_ptr<LinkListener> listener_;
  std::shared_ptr<Link> link_;
  std::mutex mutex_;
  std::condition_variable changed_;
  Received received_;
  std::thread thread_;
};

} // namespace pult::transcode::testing
