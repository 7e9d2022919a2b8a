#!/usr/bin/env bash
# Keeps the Markdown file REPORT as one comment on the pull request PULL_REQUEST: edited in place, created once. The
# comment is found by the hidden marker in the report's first line, and only among those that this token has written.
set -euo pipefail

MARKER=$(head -n 1 "$REPORT")
export MARKER
found=$(gh api --paginate "repos/$GITHUB_REPOSITORY/issues/$PULL_REQUEST/comments?per_page=100" \
  --jq '.[] | select(.user.login == "github-actions[bot]" and (.body | startswith(env.MARKER))) | .id')
comment=${found%%$'\n'*}
if [ -n "$comment" ]; then
  gh api --silent --method PATCH "repos/$GITHUB_REPOSITORY/issues/comments/$comment" --field "body=@$REPORT"
else
  gh api --silent "repos/$GITHUB_REPOSITORY/issues/$PULL_REQUEST/comments" --field "body=@$REPORT"
fi
