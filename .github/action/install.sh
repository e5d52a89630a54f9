#!/usr/bin/env bash
# Downloads the command of release $REF of $REPOSITORY to $BIN, and adds $BIN to the PATH of later
# steps. Outputs of the step:
#
#   compile=true  there is no such release for this machine
#   go=missing    the job has no Go, or one that cannot fetch the version in go.mod
set -euo pipefail

compile() {
	printf 'Compiling fanout-bench: %s.\n' "$1"
	echo compile=true >>"$GITHUB_OUTPUT"
	exit
}

sha256() { if command -v sha256sum >/dev/null; then sha256sum; else shasum -a 256; fi | cut -d' ' -f1; }

mkdir -p "$BIN"
echo "$BIN" >>"$GITHUB_PATH"
[ -n "$(go env GOTOOLCHAIN 2>/dev/null || true)" ] || echo go=missing >>"$GITHUB_OUTPUT"

# A branch or a commit is not a release, and 'uses: ./' has no ref.
[[ $REF =~ ^v[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?$ ]] || compile "$(printf %q "$REF") is not a release"
[[ $REPOSITORY =~ ^[0-9A-Za-z._-]+/[0-9A-Za-z._-]+$ ]] || compile "$(printf %q "$REPOSITORY") is not a repository"
case $RUNNER_OS-$RUNNER_ARCH in
Linux-X64) platform=linux_amd64 ;;
Linux-ARM64) platform=linux_arm64 ;;
macOS-X64) platform=darwin_amd64 ;;
macOS-ARM64) platform=darwin_arm64 ;;
*) compile "there is no download for $RUNNER_OS on $RUNNER_ARCH" ;;
esac

archive=fanout-bench_${REF#v}_$platform.tar.gz
url=$GITHUB_SERVER_URL/$REPOSITORY/releases/download/$REF
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for file in checksums.txt "$archive"; do
	curl --fail --silent --show-error --location --retry 2 --connect-timeout 10 --max-time 300 \
		--output "$work/$file" "$url/$file" || compile "$url/$file cannot be downloaded"
done

# Never run a file with a wrong checksum. Compiling instead would hide the problem.
want=$(awk -v file="$archive" '$2 == file { print $1 }' "$work/checksums.txt")
if [ "$(sha256 <"$work/$archive")" != "$want" ]; then
	echo "::error title=fanout-bench::$url/$archive does not match checksums.txt. Run the job again; if that fails too, report it and use another version."
	exit 1
fi
tar -xzf "$work/$archive" -C "$BIN" fanout-bench
"$BIN/fanout-bench" --version
