# bash completion of summary-gateway; installed as /usr/share/bash-completion/completions/summary-gateway.
_summary_gateway() {
  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} file
  COMPREPLY=()
  # `=` is a word of its own: --config=FILE comes as three.
  [[ $word != = ]] || word=
  [[ $before != = ]] || before=${COMP_WORDS[COMP_CWORD - 2]}
  if [[ $before == --config || $before == -c || ($before == = && ${COMP_WORDS[COMP_CWORD - 1]} == --config) ]]; then
    compopt -o filenames 2>/dev/null
    while IFS= read -r file; do
      [[ ! -d $file && $file != *.y*ml ]] || COMPREPLY+=("$file")
    done < <(compgen -f -- "$word")
    return
  fi
  while IFS= read -r file; do COMPREPLY+=("$file"); done < <(
    if [[ $COMP_CWORD -gt 1 && ${COMP_WORDS[1]} == ctl ]]; then
      compgen -W 'status explain slow clients events audit whoami shadow fleet config purge erase erasures reload alert-test pause resume limit circuit doctor --config --admin --token-file --server-certificate --certificate --key --json --call --account --all --hard --number-file --state --min --client --fault --outcome --limit --since --for --upstream --set --credential-file --live' -- "$word"
      return
    fi
    compgen -W 'ctl --config --set --take-over --check-config --print-config --hash-token --probe --version --help' -- "$word"
  )
}
complete -F _summary_gateway summary-gateway
