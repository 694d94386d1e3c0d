#include "control/sqlite_raii.hpp"

#include <fmt/format.h>

namespace pult::control {

Error sqlite_error(sqlite3* database, std::string_view what) {
  const int code = sqlite3_errcode(database);
  const bool corrupt = code == SQLITE_CORRUPT || code == SQLITE_NOTADB;
  return {corrupt ? Errc::kCorrupt : Errc::kIo, fmt::format("{}: {}", what, sqlite3_errmsg(database))};
}

Result<void> execute(sqlite3* database, const char* sql) {
  if (sqlite3_exec(database, sql, nullptr, nullptr, nullptr) == SQLITE_OK) return {};
  return sqlite_error(database, "pult.db");
}

Result<Statement> Statement::prepare(sqlite3* database, std::string_view sql) {
  sqlite3_stmt* handle = nullptr;
  if (sqlite3_prepare_v2(database, sql.data(), static_cast<int>(sql.size()), &handle, nullptr) != SQLITE_OK)
    return sqlite_error(database, "pult.db");
  return Statement(handle);
}

Statement& Statement::bind(std::int64_t value) {
  sqlite3_bind_int64(handle_.get(), next_++, value);
  return *this;
}

Statement& Statement::bind(std::string_view text) {
  sqlite3_bind_text(handle_.get(), next_++, text.data(), static_cast<int>(text.size()), SQLITE_TRANSIENT);
  return *this;
}

Result<bool> Statement::step() {
  const int code = sqlite3_step(handle_.get());
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return sqlite_error(sqlite3_db_handle(handle_.get()), "pult.db");
}

std::string Statement::text(int column) const {
  const auto* text = sqlite3_column_text(handle_.get(), column);
  const auto bytes = sqlite3_column_bytes(handle_.get(), column);
  return text == nullptr ? std::string()
                         : std::string(reinterpret_cast<const char*>(text), static_cast<std::size_t>(bytes));
}

} // namespace pult::control
