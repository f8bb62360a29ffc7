#!/usr/bin/env bash
# Puts the Compose v2 plugin of a newer Debian into a directory, without installing anything, and prints the path of the plugin.
#
#   test/helpers/compose-v2.sh DIRECTORY [SUITE]
#
# Takes the Debian mirror that this machine's apt already uses, but another suite (trixie), with lists, cache and state of its own.
# Does nothing but print the path when the plugin is already there. Exit 69: this machine has no Debian mirror, or it does not answer.
set -euo pipefail

directory=$(mkdir -p "${1:?directory}" && cd "$1" && pwd)
suite=${2:-trixie}
plugin=$directory/cli-plugins/docker-compose

if [[ -x $plugin ]]; then
	printf '%s\n' "$plugin"
	exit 0
fi

# The first source that carries Debian itself (not security, updates or a third party).
mirror=$(apt-get indextargets --format '$(SITE) $(ORIGIN) $(CODENAME) $(SUITE)' 'Created-By: Packages' |
	awk '$2 == "Debian" && $3 !~ /-/ && $4 !~ /-/ {print $1; exit}')
[[ -n $mirror ]] || { echo 'apt knows no Debian mirror' >&2; exit 69; }

apt=$directory/apt
mkdir -p "$apt"/{lists/partial,cache/archives/partial,state,sources.list.d,preferences.d,trusted}
keys=$(ls /usr/share/keyrings/debian-archive-keyring.* | head -n 1)
printf 'deb [signed-by=%s] %s %s main\n' "$keys" "$mirror" "$suite" > "$apt/sources.list"
: > "$apt/state/status"
cat > "$apt/apt.conf" <<EOF
Dir::State "$apt/state";
Dir::State::status "$apt/state/status";
Dir::State::Lists "$apt/lists";
Dir::Cache "$apt/cache";
Dir::Etc::SourceList "$apt/sources.list";
Dir::Etc::SourceParts "$apt/sources.list.d";
Dir::Etc::PreferencesParts "$apt/preferences.d";
Acquire::Languages "none";
Acquire::Check-Valid-Until "false";
EOF
export APT_CONFIG=$apt/apt.conf

{
	apt-get -qq update
	cd "$apt/cache"
	apt-get -qq -o APT::Sandbox::User=root download docker-compose
	dpkg-deb -x docker-compose_*.deb "$directory/unpacked"
} >&2 || exit 69

found=$(find "$directory/unpacked" -type f -name docker-compose -perm -u+x | head -n 1)
[[ -n $found ]] || { echo 'the package holds no docker-compose' >&2; exit 69; }
mkdir -p "$directory/cli-plugins"
mv "$found" "$plugin"
rm -rf "$apt" "$directory/unpacked"
printf '%s\n' "$plugin"
