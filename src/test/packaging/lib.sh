# Sourced: results in TAP form.

failures=0

# check NAME COMMAND...: the command must succeed; what it said is shown when it does not.
check() {
  local name=$1 output
  shift
  if output=$("$@" 2>&1); then
    echo "ok - $name"
  else
    failures=$((failures + 1))
    echo "not ok - $name"
    sed 's/^/# /' <<<"$output" | tail -n 15
  fi
}

skip() {
  echo "ok - $1 # SKIP $2"
}

finish() {
  [ "$failures" = 0 ]
}

# prints TEXT COMMAND...: the command's output holds the text.
prints() {
  local text=$1 output
  shift
  output=$("$@" 2>&1)
  local status=$?
  echo "exit $status: $output"
  [[ $output == *"$text"* ]]
}

# await SECONDS COMMAND...: the command succeeds within that time.
await() {
  local end=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    if [ "$SECONDS" -ge "$end" ]; then
      echo "not within the time: $*"
      "$@"
      return 1
    fi
    sleep 0.1
  done
}
