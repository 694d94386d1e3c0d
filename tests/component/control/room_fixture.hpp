// A room's folder with a real pultd and the real `pult`, and workers that stand at the other end of the state links.
#pragma once

#include "base/asio.hpp"
#include "base/worker.hpp"
#include "tests/support/http_client.hpp"

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/json/object.hpp>
#include <filesystem>
#include <functional>
#include <gtest/gtest.h>
#include <mutex>
#include <optional>
#include <string>
#include <sys/types.h>
#include <thread>
#include <vector>

namespace pult::control {

// Generous: a loaded machine is slow, a broken program never gets there.
inline constexpr std::chrono::seconds kPatience{30};

// A real base/worker in a thread of its own. Applies what is wanted at `picture` while `shows` is true.
class StandIn {
 public:
  StandIn(const RunDir& run_dir, const std::string& program);
  ~StandIn();

  std::atomic<bool> shows{true};
  std::atomic<PictureIndex> picture{1000};
  [[nodiscard]] WantedState wanted() const;
  void report(boost::json::object report);
  [[nodiscard]] std::vector<boost::json::object> commands() const;
  void event(const std::string& level, const std::string& text);
  // Applies what was held back, or any other state.
  void apply(const WantedState& state);

 private:
  mutable std::mutex mutex_;
  WantedState wanted_;
  boost::json::object report_;
  std::vector<boost::json::object> commands_;
  asio::io_context io_;
  asio::executor_work_guard<IoExecutor> work_;
  std::unique_ptr<Worker> worker_;
  std::thread thread_;
};

struct Ran {
  int code = -1;
  std::string out, err;
  std::chrono::milliseconds took{};
};

class RoomTest : public testing::Test {
 protected:
  RoomTest();
  ~RoomTest() override;

  void write_config(bool autostart);
  void start_pultd();
  void kill_pultd(int signal); // and waits for its end
  [[nodiscard]] int exit_code() const { return exit_code_; }
  [[nodiscard]] pid_t pultd_pid() const { return pultd_; }

  Ran pult(std::vector<std::string> words, const std::string& config = "");
  Ran pult_by_url(std::vector<std::string> words); // without --config
  boost::json::object status();                    // `pult status --json`
  static bool wait_until(const std::function<bool()>& reached, std::chrono::milliseconds longest = kPatience);

  std::filesystem::path folder_;
  std::optional<RunDir> run_dir_;

 private:
  pid_t pultd_ = -1;
  int exit_code_ = -1;
};

// With the control port open.
class CrewPort : public RoomTest {
 protected:
  void SetUp() override;
  // "GET /api/v1/status", over TCP.
  test::Answer ask(const std::string& what, const std::string& token = "", const std::string& body = "");
  std::string add_token(const std::string& name, const std::string& role);
  int port_ = 0;
};

// The member at the path: a text as it is, anything else as JSON; "(missing)".
std::string text_at(const boost::json::object& object, std::initializer_list<const char*> path);
boost::json::object parsed(const std::string& text);

} // namespace pult::control
