import { FILES } from "./completion.ts";
import { UsageError } from "./usage-error.ts";

/** What `pgtriage completion SHELL` prints; the shell runs it once, and it asks us anew at each Tab. */
export function completionScript(shell: string | undefined): string {
  switch (shell) {
    case "bash":
      return BASH;
    case "zsh":
      return ZSH;
    default:
      throw new UsageError("pgtriage completion is for bash or for zsh: pgtriage completion bash");
  }
}

// Old enough for the bash 3.2 of macOS: no mapfile, and compopt only where there is one.
const BASH = `# pgtriage for bash; in ~/.bashrc: source <(pgtriage completion bash)
_pgtriage() {
  local line current=\${COMP_WORDS[COMP_CWORD]}
  COMPREPLY=()
  while IFS= read -r line; do
    if [ "$line" = "${FILES}" ]; then
      [ "$current" = "=" ] && current=
      compopt -o filenames 2>/dev/null
      while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -f -- "$current")
    else
      COMPREPLY+=("\${line%%$'\\t'*}")
    fi
  done < <("\${COMP_WORDS[0]}" --get-yargs-completions "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -F _pgtriage pgtriage
`;

const ZSH = `#compdef pgtriage
# pgtriage for zsh; in ~/.zshrc, after compinit: source <(pgtriage completion zsh)
_pgtriage() {
  local line
  local -a found before
  before=("\${(@)words[2,CURRENT-1]}")
  # --sort=xa is completed behind the =, as if it were a word of its own.
  if compset -P 1 '--*='; then before+=("\${IPREFIX%=}"); fi
  while IFS= read -r line; do
    if [[ $line == "${FILES}" ]]; then
      _files
      return
    fi
    found+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
  done < <("\${words[1]}" --get-yargs-completions "\${before[@]}" "$PREFIX" 2>/dev/null)
  _describe 'pgtriage' found
}
if [ "\${funcstack[1]}" = "_pgtriage" ]; then _pgtriage "$@"; else compdef _pgtriage pgtriage; fi
`;
