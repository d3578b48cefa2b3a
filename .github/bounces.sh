#!/usr/bin/env bash
# Runs `npm run bounces` in GitHub Actions and commits what it wrote: keyed hashes, no address.
set -euo pipefail

code=0
npm run -s bounces || code=$?
if [[ $code == 75 ]]; then
  # A delivery under way has the ledger, or the mailbox does not answer: the next run reads it.
  echo '::notice::The mailbox was not read this time; the next run does it.'
  exit 0
fi
[[ $code == 0 ]] || exit "$code"

[[ -f subscribers/suppressed.csv ]] || exit 0
git add -- subscribers/suppressed.csv
git diff --cached --quiet && exit 0
git -c user.name=Broadsheet -c user.email=broadsheet@users.noreply.github.com commit -q -m 'Who must not be mailed again'
# Somebody may have pushed meanwhile: these are lines that nobody else writes, so they can be laid on top.
git push -q origin "HEAD:refs/heads/$BRANCH" || {
  git fetch -q --depth=1 origin "$BRANCH"
  git -c user.name=Broadsheet -c user.email=broadsheet@users.noreply.github.com rebase -q FETCH_HEAD
  git push -q origin "HEAD:refs/heads/$BRANCH"
}
