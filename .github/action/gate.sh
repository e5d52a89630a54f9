#!/usr/bin/env bash
# Runs the gate and writes the comment and the reports to $REPORTS/$NAME. The outputs of the step
# name the artifact and this folder. The exit status is that of the gate.
set -uo pipefail

[[ $NAME =~ ^[0-9A-Za-z][0-9A-Za-z._-]{0,49}$ ]] || {
	echo "::error title=fanout-bench::input name: use up to 50 letters, digits, '.', '_' and '-', beginning with a letter or digit"
	exit 2
}
reports=$REPORTS/$NAME
mkdir -p "$reports" || exit 3
printf '%s\n' "artifact=fanout-bench-$NAME" "reports=$reports" >>"$GITHUB_OUTPUT"
comment=$reports/comment.md
rm -f "$comment"
read -rd '' -a flags <<<"$FLAGS" || true # of all lines
for flag in ${flags[@]+"${flags[@]}"}; do
	case $flag in --summary* | --page* | --save*)
		echo "::error title=fanout-bench::input flags: remove --summary, --page and --save; the outputs 'artifact' and 'reports' name the files"
		exit 2
		;;
	esac
done
# Tests have their own baselines.
if [ -n "${COMMAND-}" ]; then
	flags+=(-- bash -c "$COMMAND")
else
	flags+=(--baseline "$BASELINE")
fi
fanout-bench gate --summary "$comment" --page "$reports/report.html" --save "$reports/results.json" "${flags[@]}"
status=$?

# Replace an older comment, which may be green.
if [ ! -e "$comment" ]; then
	printf '%s\n' '<!-- fanout-bench:comment v1 key=default -->' \
		"### ⚠️ fanout-bench: nothing could be judged (exit status $status)" '' \
		'See the log of the job.' >"$comment"
fi
if [ "$NAME" != default ]; then
	text=$(sed -e "1s/ key=default / key=$NAME /" -e "2s/ fanout-bench: / fanout-bench $NAME: /" "$comment")
	printf '%s\n' "$text" >"$comment"
fi
exit "$status"
