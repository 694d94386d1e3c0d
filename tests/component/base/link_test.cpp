// Links over real Unix sockets in one io_context: order, bounds, descriptors, the other side's end.
#include "base/link.hpp"
#include "base/run_dir.hpp"

#include <cstdlib>
#include <filesystem>
#include <functional>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace pult {
namespace {

using namespace std::chrono_literals;

struct LinkTest : testing::Test {
  LinkTest() {
    // Longer than a Unix socket path may be: the run directory must not care.
    char pattern[] = "/tmp/pult-link-XXXXXX";
    folder = std::filesystem::path(::mkdtemp(pattern));
    const auto deep = folder / std::string(120, 'd');
    run_dir.emplace(std::move(*RunDir::open(deep)));
    path = run_dir->socket_path("test.sock");
  }
  ~LinkTest() override { std::filesystem::remove_all(folder); }

  void listen(Link::Bounds bounds = {}) {
    auto opened = LinkListener::open(io, path, bounds, [this](std::shared_ptr<Link> link) {
      front = link;
      link->start(
          [this](std::uint16_t type, ByteView payload, UniqueFd fd) -> Result<void> {
            types.push_back(type);
            bytes_received += payload.size();
            if (fd) fds.push_back(std::move(fd));
            return {};
          },
          [this](const Error& reason) { front_closed = reason.message; });
    });
    ASSERT_TRUE(opened.ok()) << opened.error().message;
    listener = std::move(*opened);
  }

  void dial(Link::Bounds bounds = {}) {
    dialer = std::make_unique<LinkDialer>(io, path, bounds, [this](std::shared_ptr<Link> link) {
      back = link;
      ++dialled;
      link->start([](std::uint16_t, ByteView, UniqueFd) -> Result<void> { return {}; },
                  [this](const Error&) { dialer->dial(); });
    });
    dialer->dial();
  }

  bool wait_until(const std::function<bool()>& reached) {
    const auto deadline = std::chrono::steady_clock::now() + 30s;
    while (std::chrono::steady_clock::now() < deadline) {
      if (reached()) return true;
      io.restart(); // it stops when it has nothing to do
      io.run_for(2ms);
    }
    return false;
  }

  std::filesystem::path folder;
  std::optional<RunDir> run_dir;
  std::string path;
  asio::io_context io;
  std::unique_ptr<LinkListener> listener;
  std::unique_ptr<LinkDialer> dialer;
  std::shared_ptr<Link> front, back;
  std::vector<std::uint16_t> types;
  std::size_t bytes_received = 0;
  std::vector<UniqueFd> fds;
  std::string front_closed;
  int dialled = 0;
};

TEST_F(LinkTest, CarriesFramesInOrderAlsoLargeOnes) {
  listen();
  dial();
  ASSERT_TRUE(wait_until([&] { return front && back; }));
  std::size_t sent = 0;
  for (std::uint16_t i = 0; i < 200; ++i) {
    const std::size_t size = i % 7 == 0 ? 300'000 : i;
    ASSERT_TRUE(wait_until([&] { return back->send(i, Bytes(size, 1)); })) << front_closed << types.size();
    sent += size;
  }
  ASSERT_TRUE(wait_until([&] { return types.size() == 200; }));
  for (std::uint16_t i = 0; i < 200; ++i)
    EXPECT_EQ(types[i], i);
  EXPECT_EQ(bytes_received, sent);
}

TEST_F(LinkTest, GivesADescriptorToItsOwnFrame) {
  listen();
  dial();
  ASSERT_TRUE(wait_until([&] { return front && back; }));
  const int fd = ::memfd_create("test", MFD_CLOEXEC);
  ASSERT_EQ(::ftruncate(fd, 4711), 0);
  back->send(1, Bytes(10));
  back->send({2, share(Bytes(10))}, UniqueFd(fd));
  back->send(3, Bytes(10));
  ASSERT_TRUE(wait_until([&] { return types.size() == 3; }));
  ASSERT_EQ(fds.size(), 1u);
  struct stat info {};
  ASSERT_EQ(::fstat(fds[0].get(), &info), 0);
  EXPECT_EQ(info.st_size, 4711);
}

TEST_F(LinkTest, SaysNoWhenItsQueueIsFull) {
  listen();
  dial({wire::kMaxPayloadBytes, 1u << 20});
  ASSERT_TRUE(wait_until([&] { return front && back; }));
  int taken = 0;
  while (back->send(1, Bytes(100'000)) && taken < 1000)
    ++taken; // nobody reads meanwhile
  EXPECT_GT(taken, 5);
  EXPECT_LT(taken, 1000);
  EXPECT_LE(back->queued_bytes(), 1u << 20);
  EXPECT_TRUE(wait_until([&] { return types.size() == static_cast<std::size_t>(taken); }));
}

TEST_F(LinkTest, ClosesOnAFrameBeyondItsBound) {
  listen({1000, 1u << 20});
  dial();
  ASSERT_TRUE(wait_until([&] { return front && back; }));
  back->send(1, Bytes(1001));
  ASSERT_TRUE(wait_until([&] { return !front_closed.empty(); }));
  EXPECT_EQ(front_closed, "wire: frame of 1001 bytes, at most 1000");
  EXPECT_TRUE(types.empty());
}

TEST_F(LinkTest, DialsForEverAndAgain) {
  dial();
  io.run_for(50ms); // nobody listens yet
  EXPECT_EQ(dialled, 0);
  listen();
  ASSERT_TRUE(wait_until([&] { return dialled == 1 && front; }));
  front->close({Errc::kUnavailable, "restarted"});
  listener->close();
  listen();
  EXPECT_TRUE(wait_until([&] { return dialled == 2; }));
}

} // namespace
} // namespace pult
