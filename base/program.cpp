#include "base/program.hpp"

#include "base/exit_codes.hpp"
#include "base/log.hpp"

#include <CLI/CLI.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <fmt/format.h>
#include <iostream>

namespace pult {
namespace {

struct Options {
  std::string config;
  std::vector<std::string> values;
};

std::variant<Options, int> parse_options(int argc, char** argv, const std::string& name,
                                         const std::vector<std::string>& more) {
  Options options;
  options.values.resize(more.size());
  CLI::App app("A program of a Pult room; `pult run CONFIG` starts it.", name);
  app.add_option("--config", options.config, "the room's configuration")->required();
  for (std::size_t i = 0; i < more.size(); ++i)
    app.add_option("--" + more[i], options.values[i])->required();
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& wrong) {
    return app.exit(wrong) == 0 ? exit_code::kDone : exit_code::kUsage;
  }
  return options;
}

Program::ExitCode fail(const std::string& name, const Error& error) {
  std::cerr << name << ": " << error.message << '\n';
  return {exit_code::kRefused};
}

} // namespace

std::variant<Program, Program::ExitCode> Program::start(int argc, char** argv, const std::string& name,
                                                        const std::vector<std::string>& more) {
  auto parsed = parse_options(argc, argv, name, more);
  if (const auto* code = std::get_if<int>(&parsed)) return ExitCode{*code};
  auto& options = std::get<Options>(parsed);
  const auto full_name = more.empty() ? name : name + "@" + options.values.front();
  auto reading = read_config(options.config);
  if (!reading.config) {
    std::cerr << reading.text();
    return ExitCode{exit_code::kBadConfig};
  }
  auto run_dir = RunDir::open(reading.config->run_dir);
  if (!run_dir) return fail(full_name, run_dir.error());
  auto epoch = RoomEpoch::open(run_dir->path());
  if (!epoch) return fail(full_name, epoch.error());
  auto heartbeat = Heartbeat::open(*run_dir, full_name);
  if (!heartbeat) return fail(full_name, heartbeat.error());
  log::init(full_name, *run_dir);
  std::signal(SIGPIPE, SIG_IGN);
  return Program{full_name,         std::move(*reading.config), std::move(*run_dir),
                 std::move(*epoch), std::move(*heartbeat),      std::move(options.values)};
}

struct StopSignals::Impl {
  explicit Impl(asio::io_context& io) : signals(io.get_executor(), SIGTERM, SIGINT) {}
  asio::basic_signal_set<IoExecutor> signals;
};

StopSignals::StopSignals(asio::io_context& io, std::function<void()> on_stop) : impl_(std::make_unique<Impl>(io)) {
  impl_->signals.async_wait([on_stop = std::move(on_stop)](ErrorCode cancelled, int) {
    if (!cancelled) on_stop();
  });
}

StopSignals::~StopSignals() = default;

} // namespace pult
