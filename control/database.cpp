#include "control/database.hpp"

#include "base/clock.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <fmt/format.h>

namespace pult::control {
namespace {

namespace json = boost::json;

// Each step brings the tables from version i to i + 1; steps are added, never changed.
constexpr std::array kMigrations{
    "CREATE TABLE wanted (id INTEGER PRIMARY KEY CHECK (id = 1), epoch INTEGER, number INTEGER, state TEXT NOT NULL);"
    "CREATE TABLE events (id INTEGER PRIMARY KEY, at INTEGER, level TEXT, program TEXT, text TEXT, details TEXT);"
    "CREATE TABLE tokens (name TEXT PRIMARY KEY, role TEXT NOT NULL, hash TEXT NOT NULL, created INTEGER);",
    "CREATE TABLE talks (id TEXT PRIMARY KEY, state TEXT NOT NULL, start INTEGER, mark_in INTEGER, mark_out INTEGER,"
    " talk TEXT NOT NULL);"
    "CREATE TABLE jobs (id INTEGER PRIMARY KEY, kind TEXT NOT NULL, talk TEXT, state TEXT NOT NULL, job TEXT NOT "
    "NULL);",
};

Result<std::int64_t> user_version(sqlite3* database) {
  auto query = Statement::prepare(database, "PRAGMA user_version");
  if (!query) return query.error();
  if (auto row = query->step(); !row) return row.error();
  return query->integer(0);
}

json::object object_from(const std::string& text) {
  json::error_code failed;
  auto value = json::parse(text, failed);
  return !failed && value.is_object() ? value.get_object() : json::object{};
}

Result<std::optional<KeptState>> read_state(sqlite3* database) {
  auto query = Statement::prepare(database, "SELECT state FROM wanted");
  if (!query) return query.error();
  auto row = query->step();
  if (!row) return row.error();
  if (!*row) return std::optional<KeptState>();
  return kept_state_from_json(query->text(0));
}

Result<std::vector<Event>> read_events(sqlite3* database) {
  auto query =
      Statement::prepare(database, "SELECT id, at, level, program, text, details FROM events ORDER BY id DESC LIMIT ?");
  if (!query) return query.error();
  query->bind(KeptDatabase::kEventsRead);
  std::vector<Event> events;
  while (true) {
    auto row = query->step();
    if (!row) return row.error();
    if (!*row) break;
    events.push_back({query->integer(0), Nanoseconds(query->integer(1)), query->text(2), query->text(3), query->text(4),
                      object_from(query->text(5))});
  }
  std::reverse(events.begin(), events.end());
  return events;
}

Result<std::vector<TokenRecord>> read_tokens(sqlite3* database) {
  auto query = Statement::prepare(database, "SELECT name, role, hash, created FROM tokens ORDER BY created");
  if (!query) return query.error();
  std::vector<TokenRecord> tokens;
  while (true) {
    auto row = query->step();
    if (!row) return row.error();
    if (!*row) return tokens;
    tokens.push_back({query->text(0), query->text(1), query->text(2), Nanoseconds(query->integer(3))});
  }
}

Result<std::vector<json::object>> read_objects(sqlite3* database, const char* sql) {
  auto query = Statement::prepare(database, sql);
  if (!query) return query.error();
  std::vector<json::object> objects;
  while (true) {
    auto row = query->step();
    if (!row) return row.error();
    if (!*row) return objects;
    objects.push_back(object_from(query->text(0)));
  }
}

std::string text_in(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::int64_t number_in(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value != nullptr && value->is_int64() ? value->get_int64() : 0;
}

Result<void> done(Statement& statement) {
  auto row = statement.step();
  return row ? Result<void>{} : Result<void>(row.error());
}

// The write-ahead log and its index go with the file: beside a new database they would be taken for its own.
std::string move_away(const std::filesystem::path& file) {
  const auto to =
      fmt::format("{}.corrupt-{}", file.string(), std::chrono::duration_cast<std::chrono::seconds>(wall_now()).count());
  std::error_code ignored;
  for (const auto* tail : {"", "-wal", "-shm"})
    std::filesystem::rename(file.string() + tail, to + tail, ignored);
  return to;
}

} // namespace

Result<KeptDatabase> KeptDatabase::open(const std::filesystem::path& file) {
  std::error_code failed;
  std::filesystem::create_directories(file.parent_path(), failed);
  if (failed) return Error{Errc::kIo, fmt::format("create {}: {}", file.parent_path().string(), failed.message())};
  auto database = open_once(file);
  if (database || database.error().code != Errc::kCorrupt) return database;
  const auto moved = move_away(file);
  database = open_once(file);
  if (database) database->set_aside_ = moved;
  return database;
}

Result<KeptDatabase> KeptDatabase::open_once(const std::filesystem::path& file) {
  sqlite3* handle = nullptr;
  const int code =
      sqlite3_open_v2(file.c_str(), &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
  KeptDatabase database{Database(handle)};
  if (code != SQLITE_OK) return sqlite_error(handle, "open " + file.string());
  sqlite3_busy_timeout(handle, 2000); // an operator's sqlite3 shell
  if (auto set = execute(handle, "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"); !set) return set.error();
  if (auto migrated = database.migrate(); !migrated) return migrated.error();
  // Tokens lie in it, hashed; still nobody else's to read.
  std::filesystem::permissions(file, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  return database;
}

Result<void> KeptDatabase::migrate() {
  auto version = user_version(database_.get());
  if (!version) return version.error();
  if (*version > static_cast<std::int64_t>(kMigrations.size()))
    return Error{Errc::kRefused,
                 fmt::format("pult.db is of a newer Pult (version {}, we know {})", *version, kMigrations.size())};
  for (auto i = static_cast<std::size_t>(*version); i < kMigrations.size(); ++i) {
    const auto step = fmt::format("BEGIN; {} PRAGMA user_version = {}; COMMIT;", kMigrations[i], i + 1);
    if (auto made = execute(database_.get(), step.c_str()); !made) return made;
  }
  return {};
}

Result<Kept> KeptDatabase::read() {
  auto state = read_state(database_.get());
  if (!state) return state.error();
  auto events = read_events(database_.get());
  if (!events) return events.error();
  auto tokens = read_tokens(database_.get());
  if (!tokens) return tokens.error();
  auto talks = read_objects(database_.get(), "SELECT talk FROM talks");
  if (!talks) return talks.error();
  auto jobs = read_objects(database_.get(), "SELECT job FROM jobs ORDER BY id");
  if (!jobs) return jobs.error();
  return Kept{std::move(*state), std::move(*events), std::move(*tokens), std::move(*talks), std::move(*jobs)};
}

Result<void> KeptDatabase::write(const std::optional<KeptState>& state, const std::vector<Event>& events,
                                 const std::optional<std::vector<TokenRecord>>& tokens) {
  if (auto begun = execute(database_.get(), "BEGIN IMMEDIATE"); !begun) return begun;
  auto written = write_all(state, events, tokens);
  if (written) written = execute(database_.get(), "COMMIT");
  if (!written) (void)execute(database_.get(), "ROLLBACK");
  return written;
}

Result<void> KeptDatabase::write_archive(const std::vector<json::object>& talks,
                                         const std::vector<json::object>& jobs) {
  if (auto begun = execute(database_.get(), "BEGIN IMMEDIATE"); !begun) return begun;
  auto written = Result<void>{};
  for (const auto& talk : talks)
    if (written) written = write_talk(talk);
  for (const auto& job : jobs)
    if (written) written = write_job(job);
  if (written && !jobs.empty()) {
    const auto prune =
        fmt::format("DELETE FROM jobs WHERE id NOT IN (SELECT id FROM jobs ORDER BY id DESC LIMIT {})", kJobsKept);
    written = execute(database_.get(), prune.c_str());
  }
  if (written) written = execute(database_.get(), "COMMIT");
  if (!written) (void)execute(database_.get(), "ROLLBACK");
  return written;
}

Result<void> KeptDatabase::write_talk(const json::object& talk) {
  auto insert = Statement::prepare(database_.get(), "INSERT OR REPLACE INTO talks VALUES (?, ?, ?, ?, ?, ?)");
  if (!insert) return insert.error();
  const auto* marks = talk.if_contains("marks");
  const auto mark = [&](const char* key) {
    return marks != nullptr && marks->is_object() ? number_in(marks->get_object(), key) : 0;
  };
  insert->bind(text_in(talk, "id")).bind(text_in(talk, "state")).bind(number_in(talk, "start"));
  insert->bind(mark("in")).bind(mark("out")).bind(json::serialize(talk));
  return done(*insert);
}

Result<void> KeptDatabase::write_job(const json::object& job) {
  auto insert = Statement::prepare(database_.get(), "INSERT OR REPLACE INTO jobs VALUES (?, ?, ?, ?, ?)");
  if (!insert) return insert.error();
  insert->bind(number_in(job, "id")).bind(text_in(job, "kind")).bind(text_in(job, "talk")).bind(text_in(job, "state"));
  insert->bind(json::serialize(job));
  return done(*insert);
}

Result<void> KeptDatabase::write_all(const std::optional<KeptState>& state, const std::vector<Event>& events,
                                     const std::optional<std::vector<TokenRecord>>& tokens) {
  if (state)
    if (auto written = write_state(*state); !written) return written;
  for (const auto& event : events)
    if (auto written = write_event(event); !written) return written;
  if (tokens)
    if (auto written = write_tokens(*tokens); !written) return written;
  if (events.empty()) return {};
  const auto prune = fmt::format("DELETE FROM events WHERE id <= {}", events.back().id - kEventsKept);
  return execute(database_.get(), prune.c_str());
}

Result<void> KeptDatabase::write_state(const KeptState& state) {
  auto insert = Statement::prepare(database_.get(), "INSERT OR REPLACE INTO wanted VALUES (1, ?, ?, ?)");
  if (!insert) return insert.error();
  insert->bind(state.wanted.epoch).bind(state.wanted.number).bind(json::serialize(to_json(state)));
  return done(*insert);
}

Result<void> KeptDatabase::write_event(const Event& event) {
  auto insert = Statement::prepare(database_.get(), "INSERT OR REPLACE INTO events VALUES (?, ?, ?, ?, ?, ?)");
  if (!insert) return insert.error();
  insert->bind(event.id).bind(event.at.count()).bind(event.level).bind(event.program).bind(event.text);
  insert->bind(json::serialize(event.details));
  return done(*insert);
}

Result<void> KeptDatabase::write_tokens(const std::vector<TokenRecord>& tokens) {
  if (auto emptied = execute(database_.get(), "DELETE FROM tokens"); !emptied) return emptied;
  for (const auto& token : tokens) {
    auto insert = Statement::prepare(database_.get(), "INSERT INTO tokens VALUES (?, ?, ?, ?)");
    if (!insert) return insert.error();
    insert->bind(token.name).bind(token.role).bind(token.hash).bind(token.created.count());
    if (auto written = done(*insert); !written) return written;
  }
  return {};
}

} // namespace pult::control
