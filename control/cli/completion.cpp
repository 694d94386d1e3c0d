#include "control/cli/completion.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace pult::cli {
namespace {

// Names come of the room itself (`pult scenes`, `pult feeds`: the first column), within half a second or not at all.
constexpr const char* kScript = R"bash(# bash completion for pult
_pult_names() {{ timeout 0.5 pult "$1" 2>/dev/null | awk '{{ print $1 }}'; }}
_pult() {{
  local current=${{COMP_WORDS[COMP_CWORD]}} words=() i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case ${{COMP_WORDS[i]}} in
      --config | --url | --token-file) ((i++)) ;;
      -*) ;;
      *) words+=("${{COMP_WORDS[i]}}") ;;
    esac
  done
  case ${{COMP_WORDS[COMP_CWORD - 1]}} in
    --config | --token-file) COMPREPLY=($(compgen -f -- "$current")); return ;;
    --role) COMPREPLY=($(compgen -W "view graphics operate organise admin" -- "$current")); return ;;
  esac
  local choices=
  case ${{#words[@]}}:${{words[0]}}:${{words[1]}} in
    0:*) choices="{commands}" ;;
    1:run:* | 1:check:*) COMPREPLY=($(compgen -f -- "$current")); return ;;
    1:take:* | 1:preview:*) choices=$(_pult_names scenes) ;;
    1:feed:*) choices=$(_pult_names feeds) ;;
    2:feed:*) choices="restart delay" ;;
    2:audio:*) choices=$(_pult_names feeds) ;;
{verbs}  esac
  [[ $current == -* ]] && choices="--help --json --config --url --token-file"
  COMPREPLY=($(compgen -W "$choices" -- "$current"))
}}
complete -F _pult pult
)bash";

} // namespace

std::string completion_script(const CommandTree& tree) {
  std::vector<std::string> commands;
  std::string verbs;
  for (const auto& [command, its] : tree.verbs) {
    commands.push_back(command);
    if (!its.empty()) verbs += fmt::format("    1:{}:*) choices=\"{}\" ;;\n", command, fmt::join(its, " "));
  }
  for (const auto& [alias, command] : tree.aliases)
    if (const auto& its = tree.verbs.at(command); !its.empty())
      verbs += fmt::format("    1:{}:*) choices=\"{}\" ;;\n", alias, fmt::join(its, " "));
  return fmt::format(fmt::runtime(kScript), fmt::arg("commands", fmt::join(commands, " ")), fmt::arg("verbs", verbs));
}

} // namespace pult::cli
