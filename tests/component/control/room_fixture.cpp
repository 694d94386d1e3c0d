#include "tests/component/control/room_fixture.hpp"

#include "base/exit_codes.hpp"
#include "base/file.hpp"

#include <boost/asio/post.hpp>
#include <boost/json.hpp>
#include <csignal>
#include <fcntl.h>
#include <fmt/format.h>
#include <future>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace pult::control {
namespace {

namespace json = boost::json;
using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

pid_t spawn(const std::vector<std::string>& words, const std::filesystem::path& out, const std::filesystem::path& err) {
  std::vector<char*> arguments;
  for (const auto& word : words)
    arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t files;
  ::posix_spawn_file_actions_init(&files);
  ::posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, out.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  ::posix_spawn_file_actions_addopen(&files, STDERR_FILENO, err.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  pid_t pid = -1;
  const int failed = ::posix_spawn(&pid, arguments[0], &files, nullptr, arguments.data(), environ);
  ::posix_spawn_file_actions_destroy(&files);
  EXPECT_EQ(failed, 0) << arguments[0];
  return pid;
}

// The exit code, or 128 and the signal; a process that does not end in time is killed and fails the test.
int wait_for(pid_t pid) {
  const auto deadline = Clock::now() + kPatience;
  int state = 0;
  while (::waitpid(pid, &state, WNOHANG) == 0) {
    if (Clock::now() > deadline) {
      ADD_FAILURE() << "process " << pid << " did not end";
      ::kill(pid, SIGKILL);
      ::waitpid(pid, &state, 0);
      break;
    }
    ::usleep(2000);
  }
  return WIFEXITED(state) ? WEXITSTATUS(state) : 128 + WTERMSIG(state);
}

std::string text_of(const std::filesystem::path& file) {
  auto text = read_file(file);
  return text ? *text : std::string();
}

} // namespace

StandIn::StandIn(const RunDir& run_dir, const std::string& program) : work_(io_.get_executor()) {
  Worker::Callbacks callbacks;
  callbacks.wanted = [this](const WantedState& state) {
    {
      const std::lock_guard lock(mutex_);
      wanted_ = state;
    }
    if (shows) worker_->applied(state, picture);
  };
  callbacks.report = [this] {
    const std::lock_guard lock(mutex_);
    return report_;
  };
  callbacks.command = [this](const json::object& command) {
    const std::lock_guard lock(mutex_);
    commands_.push_back(command);
  };
  auto worker = Worker::open(io_, run_dir, program, std::move(callbacks));
  EXPECT_TRUE(worker);
  worker_ = std::move(*worker);
  thread_ = std::thread([this] { io_.run(); });
}

StandIn::~StandIn() {
  asio::post(io_, [this] { worker_->close(); });
  work_.reset();
  thread_.join();
}

WantedState StandIn::wanted() const {
  const std::lock_guard lock(mutex_);
  return wanted_;
}

std::vector<json::object> StandIn::commands() const {
  const std::lock_guard lock(mutex_);
  return commands_;
}

void StandIn::report(json::object report) {
  {
    const std::lock_guard lock(mutex_);
    report_ = std::move(report);
  }
  asio::post(io_, [this] { worker_->report_now(); });
}

void StandIn::event(const std::string& level, const std::string& text) {
  worker_->event(level, text);
}

void StandIn::apply(const WantedState& state) {
  std::promise<void> done;
  asio::post(io_, [&] {
    worker_->applied(state, picture);
    done.set_value();
  });
  done.get_future().wait();
}

RoomTest::RoomTest() {
  std::string pattern = "/dev/shm/pult-control-XXXXXX";
  folder_ = ::mkdtemp(pattern.data());
  auto run_dir = RunDir::open(folder_ / "run");
  EXPECT_TRUE(run_dir);
  run_dir_ = std::move(*run_dir);
  write_config(false);
}

RoomTest::~RoomTest() {
  if (pultd_ > 0) kill_pultd(SIGTERM);
  if (HasFailure()) std::cerr << text_of(folder_ / "pultd.err");
  std::filesystem::remove_all(folder_);
}

void RoomTest::write_config(bool autostart) {
  constexpr const char* kRoom = R"(
[room]
name = "Saal 1"
event = "Ortenau Digital"
run_dir = "run"
[show]
autostart = {}
[[feed]]
name = "cam1"
label = "Rednerpult"
open = true
[[feed]]
name = "cam2"
open = true
[[scene]]
name = "stage"
feeds = ["cam1"]
[[scene]]
name = "hall"
feeds = ["cam2"]
[control]
listen = "127.0.0.1:0"
)";
  ASSERT_TRUE(write_file(folder_ / "room.toml", fmt::format(fmt::runtime(kRoom), autostart)));
}

void RoomTest::start_pultd() {
  pultd_ = spawn({BIN_DIR "/pultd", "--config", folder_ / "room.toml"}, folder_ / "pultd.out", folder_ / "pultd.err");
  EXPECT_TRUE(wait_until([&] { return std::filesystem::exists(run_dir_->path() / "control.sock"); }));
}

void RoomTest::kill_pultd(int signal) {
  ::kill(pultd_, signal);
  exit_code_ = wait_for(pultd_);
  pultd_ = -1;
}

Ran RoomTest::pult(std::vector<std::string> words, const std::string& config) {
  words.insert(words.begin(), {"--config", config.empty() ? (folder_ / "room.toml").string() : config});
  return pult_by_url(std::move(words));
}

Ran RoomTest::pult_by_url(std::vector<std::string> words) {
  words.insert(words.begin(), BIN_DIR "/pult");
  std::filesystem::remove(folder_ / "pult.err");
  const auto start = Clock::now();
  Ran ran;
  ran.code = wait_for(spawn(words, folder_ / "pult.out", folder_ / "pult.err"));
  ran.took = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start);
  ran.out = text_of(folder_ / "pult.out");
  ran.err = text_of(folder_ / "pult.err");
  return ran;
}

json::object RoomTest::status() {
  const auto ran = pult({"status", "--json"});
  json::error_code failed;
  auto value = json::parse(ran.out, failed);
  EXPECT_FALSE(failed) << ran.out << ran.err;
  return value.is_object() ? value.get_object() : json::object{};
}

bool RoomTest::wait_until(const std::function<bool()>& reached, std::chrono::milliseconds longest) {
  const auto deadline = Clock::now() + longest;
  while (!reached()) {
    if (Clock::now() > deadline) return false;
    ::usleep(5000);
  }
  return true;
}

void CrewPort::SetUp() {
  start_pultd();
  ASSERT_TRUE(wait_until([&] { return pult({"status"}).code == exit_code::kDone; }));
  const auto address = text_at(status(), {"control"});
  ASSERT_TRUE(address.starts_with("127.0.0.1:")) << address;
  port_ = std::stoi(address.substr(10));
}

test::Answer CrewPort::ask(const std::string& what, const std::string& token, const std::string& body) {
  auto client = test::Client::tcp(port_);
  auto text = fmt::format("{} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {}\r\n", what, body.size());
  if (!token.empty()) text += "Authorization: Bearer " + token + "\r\n";
  EXPECT_TRUE(client.send(text + "\r\n" + body));
  return client.receive();
}

std::string CrewPort::add_token(const std::string& name, const std::string& role) {
  return text_at(parsed(pult({"token", "add", name, "--role", role, "--json"}).out), {"token"});
}

std::string text_at(const json::object& object, std::initializer_list<const char*> path) {
  json::value value = object;
  for (const auto* key : path) {
    if (!value.is_object() || !value.get_object().contains(key)) return "(missing)";
    value = json::value(value.get_object().at(key));
  }
  return value.is_string() ? std::string(value.get_string()) : json::serialize(value);
}

json::object parsed(const std::string& text) {
  json::error_code failed;
  auto value = json::parse(text, failed);
  EXPECT_FALSE(failed) << text;
  return value.is_object() ? value.get_object() : json::object{};
}

} // namespace pult::control
