#!/usr/bin/env bash
# Post the report as the one comment that begins with its mark: a later run writes the same comment anew.
#
# NUMBER  the pull request        REPORT  the file        GH_TOKEN  a token that may write comments
set -euo pipefail
: "${NUMBER:?is the pull request}" "${REPORT:?is the file to post}" "${GITHUB_REPOSITORY:?is the repository}"
mark=$(head -n 1 "$REPORT")
comments=repos/$GITHUB_REPOSITORY/issues/$NUMBER/comments
found=$(MARK=$mark gh api --paginate "$comments?per_page=100" --jq '.[] | select(.body | startswith(env.MARK)) | .id' | head -n 1)
if [ -n "$found" ]; then
  gh api --silent --method PATCH "repos/$GITHUB_REPOSITORY/issues/comments/$found" --field "body=@$REPORT"
else
  gh api --silent --method POST "$comments" --field "body=@$REPORT"
fi
