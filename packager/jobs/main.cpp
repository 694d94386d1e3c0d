// pult-jobs: slow work for the archive, at idle priority: talk files, publishing, withdrawing, pages, exports.
//
// Threads: "job" and "playlists" (job_runner), and this one, which runs the state link to pultd.
#include "base/exit_codes.hpp"
#include "base/program.hpp"
#include "base/worker.hpp"
#include "packager/jobs/job_runner.hpp"

#include <boost/asio/post.hpp>
#include <boost/json.hpp>
#include <sched.h>
#include <spdlog/spdlog.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace pult::packager::jobs {
namespace {

constexpr int kIoIdle = 3 << 13; // IOPRIO_PRIO_VALUE(IOPRIO_CLASS_IDLE, 0)
constexpr int kWhoProcess = 1;   // IOPRIO_WHO_PROCESS

// Whatever the machine has left over, of processor and of disk; the live path never waits for us.
void yield_to_all() {
  ::setpriority(PRIO_PROCESS, 0, 19);
  const sched_param none{};
  ::sched_setscheduler(0, SCHED_IDLE, &none);
  ::syscall(SYS_ioprio_set, kWhoProcess, 0, kIoIdle);
}

std::vector<Job> jobs_of(const boost::json::object& command) {
  std::vector<Job> jobs;
  const auto* list = command.if_contains("jobs");
  if (list == nullptr || !list->is_array()) return jobs;
  for (const auto& entry : list->get_array()) {
    const auto* object = entry.if_object();
    auto job =
        object != nullptr ? job_from_json(*object) : Result<Job>(Error{Errc::kInvalidArgument, "job: no object"});
    if (job) jobs.push_back(std::move(*job));
    if (!job) spdlog::error("{}", job.error().message);
  }
  return jobs;
}

std::filesystem::path web_folder() {
  std::error_code failed;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", failed);
  return program.parent_path().parent_path() / "share/pult/web/talks";
}

int run(Program& program) {
  asio::io_context io;
  std::unique_ptr<Worker> worker;
  std::unique_ptr<JobRunner> runner;
  Worker::Callbacks callbacks;
  callbacks.wanted = [&](const WantedState& state) { worker->applied(state, 0); };
  callbacks.report = [&] {
    boost::json::array list;
    if (runner)
      for (const auto& report : runner->reports())
        list.push_back(to_json(report));
    return boost::json::object{{"jobs", std::move(list)}};
  };
  callbacks.command = [&](const boost::json::object& command) {
    const auto* what = command.if_contains("command");
    if (what != nullptr && *what == "jobs") runner->want(jobs_of(command));
  };
  auto opened = Worker::open(io, program.run_dir, program.name, std::move(callbacks));
  if (!opened) {
    spdlog::critical("{}", opened.error().message);
    return exit_code::kRefused;
  }
  worker = std::move(*opened);
  runner = std::make_unique<JobRunner>(
      archive_of(program.config, web_folder()),
      JobRunner::Callbacks{[&] { asio::post(io, [&] { worker->report_now(); }); }, [&] { program.heartbeat.beat(); }});
  const StopSignals stop(io, [&] {
    runner.reset(); // what runs ends at its next look
    worker->close();
    io.stop();
  });
  io.run();
  return exit_code::kDone;
}

} // namespace
} // namespace pult::packager::jobs

int main(int argc, char** argv) {
  auto started = pult::Program::start(argc, argv, "pult-jobs");
  if (const auto* code = std::get_if<pult::Program::ExitCode>(&started)) return code->code;
  pult::packager::jobs::yield_to_all();
  return pult::packager::jobs::run(std::get<pult::Program>(started));
}
