#include "control/lower_third.hpp"

#include "base/nearest.hpp"
#include "control/plain_text.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace pult::control {
namespace {

Result<void> check_template(const std::string& name, const std::vector<std::string>& templates) {
  if (name.empty() || std::find(templates.begin(), templates.end(), name) != templates.end()) return {};
  const auto known =
      templates.empty() ? "the config has none" : fmt::format("templates: {}", fmt::join(templates, ", "));
  return Error{Errc::kNotFound,
               fmt::format("no lower third template \"{}\"{} ({})", name, did_you_mean(name, templates), known)};
}

Result<void> check(const LowerThirdOrder& order, const std::vector<std::string>& templates) {
  if (order.name.find_first_not_of(" \t") == std::string::npos)
    return Error{Errc::kInvalidArgument, "a lower third needs a name: {\"name\": \"Dr. Ada Muster\"}"};
  if (auto fine = check_plain_text("the name", order.name, kLongestLine); !fine) return fine;
  if (auto fine = check_plain_text("the function", order.function, kLongestLine); !fine) return fine;
  if (order.showing_for && (*order.showing_for < kShortestShowing || *order.showing_for > kLongestShowing))
    return Error{Errc::kInvalidArgument,
                 fmt::format("a lower third shows for 1 to {} seconds, or until it is hidden",
                             std::chrono::duration_cast<std::chrono::seconds>(kLongestShowing).count())};
  return check_template(order.template_name, templates);
}

} // namespace

Result<WantedState> show_lower_third(const WantedState& state, const LowerThirdOrder& order,
                                     const std::vector<std::string>& templates, const Grid& grid, PictureIndex now) {
  if (auto fine = check(order, templates); !fine) return fine.error();
  auto next = state;
  ++next.number;
  const auto until = order.showing_for ? grid.picture_at_or_after(grid.time_of(now) + *order.showing_for) : 0;
  next.lower_third = {order.name, order.function, order.template_name, next.number, until};
  return next;
}

WantedState hide_lower_third(const WantedState& state) {
  if (state.lower_third.name.empty()) return state;
  auto next = state;
  ++next.number;
  next.lower_third = {};
  return next;
}

bool is_lower_third_on(const WantedState& state, PictureIndex now) {
  const auto& wanted = state.lower_third;
  return !wanted.name.empty() && (wanted.until == 0 || now < wanted.until);
}

} // namespace pult::control
