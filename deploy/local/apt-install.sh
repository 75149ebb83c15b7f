#!/bin/sh
# Installs Debian packages, as root or through a sudo that asks for no password, without starting the servers in them.
# usage: apt-install.sh PACKAGE...
set -eu

if [ "$(id -u)" != 0 ]; then
    sudo -n true 2>/dev/null || {
        echo "neither root nor passwordless sudo, so nothing was installed" >&2
        exit 1
    }
    exec sudo -n sh "$0" "$@"
fi

policy=/usr/sbin/policy-rc.d
restore() {
    rm -f "$policy"
    [ ! -e "$policy.before-quanheng" ] || mv "$policy.before-quanheng" "$policy"
}
trap restore EXIT
trap 'exit 130' HUP INT TERM
[ ! -e "$policy" ] || [ -e "$policy.before-quanheng" ] || mv "$policy" "$policy.before-quanheng"
printf '#!/bin/sh\nexit 101\n' >"$policy"
chmod 755 "$policy"

export DEBIAN_FRONTEND=noninteractive
# Where it fails, older lists may do; if not, the installation says what it lacks.
apt-get -qq update || true
apt-get -qq -o DPkg::Lock::Timeout=300 install -y --no-install-recommends "$@"
