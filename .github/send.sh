#!/usr/bin/env bash
# Runs `npm run send` in GitHub Actions: its table goes to the page of the job, its exit code becomes an annotation
# that says what to do.
set -uo pipefail

send() {
  npm run -s send -- "$@" >>"${GITHUB_STEP_SUMMARY:-/dev/stdout}" &
  local child=$! code
  # A job that is cancelled signals this shell alone; what is in flight is then finished, and the ledger pushed.
  trap 'kill -TERM "$child" 2>/dev/null' INT TERM
  wait "$child"
  code=$?
  # A signal ends the first wait and not the child.
  while kill -0 "$child" 2>/dev/null; do
    wait "$child"
    code=$?
  done
  return "$code"
}

send "$@"
code=$?
if [[ " $* " == *' --test '* ]]; then
  # A delivery under way has the ledger: tests wait for it.
  for ((tries = 0; code == 75 && tries < 60; tries += 1)); do
    sleep 60
    send "$@"
    code=$?
  done
fi

case $code in
  0) ;;
  1) echo '::error::Something is wrong with an issue, and it was not sent. The log names the file and the line; mend it and merge.' ;;
  3) echo '::warning::Some deliveries were rejected or are uncertain. See them with npm run status, with LEDGER=git and LEDGER_KEY in .env.' ;;
  75) echo '::notice::There is more to do, and the next run goes on by itself. The log says why.' ;;
  78) echo '::error::The set-up is not complete, or the ledger cannot be trusted. The log says what to set or restore; no secret is in it.' ;;
  130) echo '::warning::The run was stopped. The next one goes on.' ;;
  *) echo "::error::It ended with exit code $code, which means a fault of Broadsheet. Nobody gets a second mail when it is run again." ;;
esac
# Rejected addresses are of every day, and what is left is the next run's: neither makes the job fail.
if [[ $code == 3 || ($code == 75 && " $* " == *' --due '*) ]]; then exit 0; fi
exit "$code"
