#!/bin/bash
# Install the Debian packages of the tests that are missing, where that is possible.
# Without them the tests that need them are skipped by name; with CI=true they fail.
set -eu

missing=()
compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || missing+=(postgresql)
command -v redis-server >/dev/null || missing+=(redis-server)
command -v chromium >/dev/null || missing+=(chromium)
command -v msgfmt >/dev/null || missing+=(gettext)
[ ${#missing[@]} -gt 0 ] || exit 0

if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
  echo "Not installed: ${missing[*]}. Tests that need them are skipped; as root on Debian they would be installed."
  exit 0
fi
echo "Installing ${missing[*]} ..."
# Packages that start servers of their own must not: the tests run private ones.
export DEBIAN_FRONTEND=noninteractive RUNLEVEL=1
log=$(mktemp)
trap 'rm -f "$log"' EXIT
options=(-qq -o Acquire::Retries=3 -o Dpkg::Use-Pty=0)
install=(install -y --no-install-recommends "${missing[@]}")
apt-get "${options[@]}" update >"$log" 2>&1 &&
  apt-get "${options[@]}" "${install[@]}" >>"$log" 2>&1 || {
  # Not the end: pytest names what it cannot do, and decides whether that matters.
  tail -n 20 "$log"
  echo "apt-get could not install ${missing[*]}."
}
