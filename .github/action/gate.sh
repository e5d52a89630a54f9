#!/usr/bin/env bash
# Runs the gate and leaves in $REPORTS what the comment and the artifact are made of.
# Its exit status is that of the gate.
set -uo pipefail

mkdir -p "$REPORTS" || exit 3
comment=$REPORTS/comment.md
rm -f "$comment"
read -ra flags <<<"$FLAGS"
# The baselines of tests are beside them.
if [ -n "${COMMAND-}" ]; then
	flags+=(-- bash -c "$COMMAND")
else
	flags+=(--baseline "$BASELINE")
fi
fanout-bench gate --summary "$comment" --page "$REPORTS/report.html" --save "$REPORTS/results.json" "${flags[@]}"
status=$?

# An older comment must not go on saying that all is well.
if [ ! -e "$comment" ]; then
	printf '%s\n' '<!-- fanout-bench:comment v1 key=default -->' \
		"### ⚠️ fanout-bench: nothing could be judged (exit status $status)" '' \
		'The log of the job says why.' >"$comment"
fi
exit "$status"
