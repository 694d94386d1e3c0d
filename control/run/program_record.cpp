#include "control/run/program_record.hpp"

#include "base/file.hpp"

#include <boost/json.hpp>
#include <filesystem>
#include <fmt/format.h>
#include <sstream>

namespace pult::control {
namespace {

namespace json = boost::json;

std::filesystem::path path_of(const RunDir& run_dir, const std::string& name) {
  return run_dir.path() / "programs" / (name + ".json");
}

} // namespace

Result<void> write_record(const RunDir& run_dir, const ProgramRecord& record) {
  const json::object object{{"name", record.name},
                            {"pid", record.pid},
                            {"start", record.start},
                            {"restarts", record.restarts},
                            {"state", record.state}};
  return replace_file(path_of(run_dir, record.name), json::serialize(object) + "\n");
}

std::optional<ProgramRecord> read_record(const RunDir& run_dir, const std::string& name) {
  auto text = read_file(path_of(run_dir, name));
  if (!text) return std::nullopt;
  json::error_code failed;
  const auto parsed = json::parse(*text, failed);
  if (failed || !parsed.is_object()) return std::nullopt;
  try {
    const auto& object = parsed.get_object();
    return ProgramRecord{json::value_to<std::string>(object.at("name")), json::value_to<pid_t>(object.at("pid")),
                         json::value_to<std::uint64_t>(object.at("start")),
                         json::value_to<std::uint64_t>(object.at("restarts")),
                         json::value_to<std::string>(object.at("state"))};
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

void remove_record(const RunDir& run_dir, const std::string& name) {
  std::error_code ignored;
  std::filesystem::remove(path_of(run_dir, name), ignored);
}

std::optional<std::uint64_t> start_time_of(pid_t pid) {
  auto text = read_file(fmt::format("/proc/{}/stat", pid));
  if (!text) return std::nullopt;
  // The second field is the name in parentheses and may hold anything; the third is the state.
  const auto end_of_name = text->rfind(')');
  if (end_of_name == std::string::npos) return std::nullopt;
  std::istringstream rest(text->substr(end_of_name + 1));
  std::string field;
  rest >> field;
  if (field == "Z" || field == "X") return std::nullopt;
  for (int number = 4; number < 22; ++number)
    rest >> field;
  std::uint64_t start = 0;
  if (!(rest >> start)) return std::nullopt;
  return start;
}

} // namespace pult::control
