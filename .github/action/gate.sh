#!/usr/bin/env bash
# Runs the gate and leaves in a folder of $REPORTS what the comment and the artifact are
# made of. The outputs of the step name both. Its exit status is that of the gate.
set -uo pipefail

[[ $NAME =~ ^[0-9A-Za-z][0-9A-Za-z._-]{0,49}$ ]] || {
	echo "::error title=fanout-bench::input name: up to 50 letters, digits, '.', '_' and '-', the first of them a letter or digit"
	exit 2
}
reports=$REPORTS/$NAME
mkdir -p "$reports" || exit 3
printf '%s\n' "artifact=fanout-bench-$NAME" "reports=$reports" >>"$GITHUB_OUTPUT"
comment=$reports/comment.md
rm -f "$comment"
read -ra flags <<<"$FLAGS"
# The baselines of tests are beside them.
if [ -n "${COMMAND-}" ]; then
	flags+=(-- bash -c "$COMMAND")
else
	flags+=(--baseline "$BASELINE")
fi
fanout-bench gate --summary "$comment" --page "$reports/report.html" --save "$reports/results.json" "${flags[@]}"
status=$?

# An older comment must not go on saying that all is well.
if [ ! -e "$comment" ]; then
	printf '%s\n' '<!-- fanout-bench:comment v1 key=default -->' \
		"### ⚠️ fanout-bench: nothing could be judged (exit status $status)" '' \
		'The log of the job says why.' >"$comment"
fi
if [ "$NAME" != default ]; then
	text=$(sed -e "1s/ key=default / key=$NAME /" -e "2s/ fanout-bench: / fanout-bench $NAME: /" "$comment")
	printf '%s\n' "$text" >"$comment"
fi
exit "$status"
