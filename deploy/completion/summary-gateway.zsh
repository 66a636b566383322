#compdef summary-gateway
# zsh completion of summary-gateway; installed as /usr/share/zsh/vendor-completions/_summary-gateway.
if [[ ${words[2]} == ctl ]]; then
  _arguments '*:command:(status explain slow clients events audit whoami shadow fleet config purge erase erasures reload alert-test pause resume limit circuit doctor)'
  return
fi
_arguments \
  '1::ask a running gateway:(ctl)' \
  {-c,--config=}'[settings, YAML]:file:_files -g "*.(yaml|yml)"' \
  '*--set=[a setting that stands over the file]:KEY=VALUE' \
  '(--check-config --print-config --hash-token --version --help)--take-over[take the listening sockets of the one that runs]' \
  '(--take-over --print-config --hash-token --version --help)--check-config[print every problem of the settings, then exit]' \
  '(--take-over --check-config --hash-token --version --help)--print-config[print the effective settings, then exit]' \
  '(- *)--hash-token[read a token from standard input, print the line for its token_file, then exit]' \
  '(- *)--probe[ask a gateway whether it is well, then exit]:URL:_urls' \
  '(- *)'{-V,--version}'[print the version, then exit]' \
  '(- *)'{-h,--help}'[print the options, then exit]'
