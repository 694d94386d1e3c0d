// SQLite's handles, each owned by one small type. Private to control. One thread at a time.
#pragma once

#include "base/result.hpp"

#include <memory>
#include <sqlite3.h>
#include <string>
#include <string_view>

namespace pult::control {

struct CloseDatabase {
  void operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
};
using Database = std::unique_ptr<sqlite3, CloseDatabase>;

struct FinalizeStatement {
  void operator()(sqlite3_stmt* handle) const { sqlite3_finalize(handle); }
};

// One prepared statement; `bind` in order, then `step` until it says kDone.
class Statement {
 public:
  static Result<Statement> prepare(sqlite3* database, std::string_view sql);

  Statement& bind(std::int64_t value);
  Statement& bind(std::string_view text);
  // True: a row is there. False: done.
  Result<bool> step();
  [[nodiscard]] std::int64_t integer(int column) const { return sqlite3_column_int64(handle_.get(), column); }
  [[nodiscard]] std::string text(int column) const;

 private:
  explicit Statement(sqlite3_stmt* handle) : handle_(handle) {}
  std::unique_ptr<sqlite3_stmt, FinalizeStatement> handle_;
  int next_ = 1;
};

Error sqlite_error(sqlite3* database, std::string_view what);
Result<void> execute(sqlite3* database, const char* sql);

} // namespace pult::control
