// A worker's end of the state link, dialled as pultd dials it.
#include "base/worker.hpp"

#include "base/messages/state_link.hpp"

#include <boost/json.hpp>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <gtest/gtest.h>

namespace pult {
namespace {

using namespace std::chrono_literals;
namespace json = boost::json;

struct WorkerTest : testing::Test {
  WorkerTest() {
    char pattern[] = "/tmp/pult-worker-XXXXXX";
    folder = ::mkdtemp(pattern);
    run_dir.emplace(std::move(*RunDir::open(folder)));
  }
  ~WorkerTest() override {
    worker.reset();
    io.restart();
    io.poll();
    std::filesystem::remove_all(folder);
  }

  void open_worker() {
    auto opened = Worker::open(io, *run_dir, "pult-test",
                               {[this](const WantedState& state) {
                                  scenes.push_back(state.on_air.name);
                                  worker->applied(state, 1000 + state.number);
                                },
                                [] {
                                  return json::object{{"answer", 42}};
                                },
                                {}});
    ASSERT_TRUE(opened.ok()) << opened.error().message;
    worker = std::move(*opened);
  }

  void dial() {
    received.clear();
    dialer = std::make_unique<LinkDialer>(
        io, run_dir->socket_path(socket_name::state("pult-test")), Link::Bounds{}, [this](std::shared_ptr<Link> l) {
          link = l;
          l->start(
              [this](std::uint16_t type, ByteView payload, UniqueFd) -> Result<void> {
                received.emplace_back(
                    type, json::parse({reinterpret_cast<const char*>(payload.data()), payload.size()}).as_object());
                return {};
              },
              [](const Error&) {});
        });
    dialer->dial();
    // It is connected when both ends know: the worker's end reports at once.
    ASSERT_TRUE(wait_until([&] { return link != nullptr && last(state_link::kReport).has_value(); }));
  }

  void want(std::int64_t number, const std::string& scene) {
    WantedState state;
    state.epoch = 1;
    state.number = number;
    state.on_air.name = scene;
    const auto text = json::serialize(to_json(state));
    link->send(state_link::kWanted, Bytes(text.begin(), text.end()));
  }

  std::optional<json::object> last(std::uint16_t type) {
    for (auto it = received.rbegin(); it != received.rend(); ++it)
      if (it->first == type) return it->second;
    return std::nullopt;
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
  asio::io_context io;
  std::unique_ptr<Worker> worker;
  std::unique_ptr<LinkDialer> dialer;
  std::shared_ptr<Link> link;
  std::vector<std::string> scenes;
  std::vector<std::pair<std::uint16_t, json::object>> received;
};

TEST_F(WorkerTest, AppliesTheNewerAndSaysWhere) {
  open_worker();
  dial();
  want(2, "hall");
  want(1, "stage"); // older: came late
  want(2, "stage"); // the same number again
  ASSERT_TRUE(wait_until([&] { return last(state_link::kApplied).has_value(); }));
  io.run_for(20ms);
  EXPECT_EQ(scenes, (std::vector<std::string>{"hall"}));
  EXPECT_EQ(last(state_link::kApplied)->at("picture").to_number<int>(), 1002);
  EXPECT_EQ(last(state_link::kReport)->at("answer").to_number<int>(), 42);
}

TEST_F(WorkerTest, ComesUpWithWhatWasAppliedLast) {
  open_worker();
  dial();
  want(5, "hall");
  ASSERT_TRUE(wait_until([&] { return scenes.size() == 1; }));
  worker.reset();
  io.run_for(5ms);
  open_worker(); // pultd is away
  ASSERT_TRUE(wait_until([&] { return scenes.size() == 2; }));
  EXPECT_EQ(scenes.back(), "hall");
  EXPECT_EQ(worker->wanted().number, 5);
}

TEST_F(WorkerTest, SendsEventsFromAnyThread) {
  open_worker();
  dial();
  worker->event("warning", "something odd", {{"feed", "cam1"}});
  ASSERT_TRUE(wait_until([&] { return last(state_link::kEvent).has_value(); }));
  EXPECT_EQ(last(state_link::kEvent)->at("text").as_string(), "something odd");
  EXPECT_EQ(last(state_link::kEvent)->at("feed").as_string(), "cam1");
}

TEST_F(WorkerTest, AMalformedMessageClosesTheLinkAndNothingElse) {
  open_worker();
  dial();
  link->send(state_link::kWanted, Bytes{'{'});
  ASSERT_TRUE(wait_until([&] { return !link->open(); }));
  link = nullptr;
  dial();
  want(7, "stage");
  EXPECT_TRUE(wait_until([&] { return scenes.size() == 1; }));
}

} // namespace
} // namespace pult
