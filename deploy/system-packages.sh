#!/bin/sh
# Installs what GeoCentral needs from Debian or Ubuntu, and nothing when all of it is there.
#
#   sh deploy/system-packages.sh            the server: Python's venv, PostgreSQL with PostGIS, GDAL, gettext, nginx
#   sh deploy/system-packages.sh browser    also Chromium and fonts, for the browser tests
#
# DATABASE_URL or PG_BIN set: no PostgreSQL is installed. PYTHON: the interpreter to use (python3).
set -eu

python=${PYTHON:-python3}
missing=""
need_server=""

say() { printf '%s\n' "$*" >&2; }
want() { missing="$missing $1"; }

installed() { # packages: are all of them installed?
    count=$(dpkg-query -W -f '${db:Status-Abbrev}\n' "$@" 2>/dev/null | grep -c '^.i')
    [ "$count" -eq $# ]
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        say "These packages must be installed by root, and there is no sudo here. Run as root:"
        say "    sh deploy/system-packages.sh${browser:+ browser}"
        exit 1
    fi
}

check_python() {
    # With a .venv in place its interpreter has all it needs.
    if [ -x .venv/bin/python ] && [ -x .venv/bin/pip ]; then
        return
    fi
    if ! command -v "$python" >/dev/null; then
        want python3
        want python3-venv
    elif ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        # Debian splits them off the interpreter, by its exact version.
        version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
        if [ "$python" = python3 ]; then want python3-venv; else want "python$version-venv"; fi
    fi
}

check_server() {
    if [ -n "${DATABASE_URL:-}" ] || [ -n "${PG_BIN:-}" ]; then
        return
    fi
    newest=""
    for server in /usr/lib/postgresql/*/bin/postgres; do
        [ -x "$server" ] || continue
        major=${server#/usr/lib/postgresql/}
        major=${major%%/*}
        if [ -f "/usr/share/postgresql/$major/extension/postgis.control" ]; then
            return
        fi
        if [ -z "$newest" ] || [ "$major" -gt "$newest" ]; then newest=$major; fi
    done
    need_server=${newest:-any}
}

check_tools() {
    # gdal-bin brings the libraries GeoDjango loads (GDAL, GEOS, PROJ), in the versions that fit each other.
    for package in gdal-bin gettext; do
        installed "$package" || want "$package"
    done
}

# Joins pages and live streams at one address. The city works without it, less promptly.
check_front() {
    if ! PATH="$PATH:/usr/local/sbin:/usr/sbin" command -v nginx >/dev/null; then want nginx; fi
}

check_browser() {
    if ! command -v chromium >/dev/null && ! command -v google-chrome >/dev/null; then
        if grep -q '^ID=ubuntu' /etc/os-release 2>/dev/null; then
            say "The browser tests need Chromium. Ubuntu's chromium-browser package only fetches a snap, so it is"
            say "not installed for you. Either of these does, then run this again:"
            say "    sudo snap install chromium"
            say "    or Google's own google-chrome-stable package"
            exit 1
        fi
        want chromium
    fi
    for package in fonts-dejavu-core fonts-noto-color-emoji; do
        installed "$package" || want "$package"
    done
}

# Which PostgreSQL this distribution has can be asked only once its package lists are here.
add_server() {
    major=$need_server
    if [ "$major" != any ] && ! apt-cache show "postgresql-$major-postgis-3" >/dev/null 2>&1; then
        say "PostgreSQL $major is installed, but no configured archive has PostGIS for it; another is taken."
        major=any
    fi
    if [ "$major" = any ]; then
        major=$(apt-cache depends postgresql 2>/dev/null | sed -n 's/.*Depends: postgresql-\([0-9][0-9]*\)$/\1/p' | head -n 1)
    fi
    if [ -z "$major" ]; then
        say "No configured package archive has PostgreSQL. Set DATABASE_URL to a server with PostGIS,"
        say "or PG_BIN to the directory of a server's programs."
        exit 1
    fi
    want "postgresql-$major"
    want "postgresql-$major-postgis-3"
}

# Debian's package would start a web server of its own on port 80: ours runs under var/, without root.
policy=/usr/sbin/policy-rc.d
forbid_service() {
    if [ ! -e "$policy" ]; then
        printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
        as_root chmod 755 "$policy"
        made_policy=yes
    fi
}
allow_service() {
    [ -z "$made_policy" ] || as_root rm -f "$policy"
    if [ -n "$new_front" ] && command -v systemctl >/dev/null; then
        as_root systemctl disable --quiet nginx.service 2>/dev/null || true
    fi
}

# Debian's package would make a cluster of its own and start it on port 5432: ours is private and elsewhere.
drop_in=/etc/postgresql-common/createcluster.d/geo-central.conf
forbid_cluster() {
    as_root mkdir -p "${drop_in%/*}"
    echo 'create_main_cluster = false' | as_root tee "$drop_in" >/dev/null
    made_drop_in=yes
}
allow_cluster() {
    [ -n "$made_drop_in" ] || return 0
    as_root rm -f "$drop_in"
    as_root rmdir "${drop_in%/*}" 2>/dev/null || true
}
made_policy="" new_front="" made_drop_in=""

browser=""
case "${1:-}" in
    browser) browser=yes ;;
    "") ;;
    *)
        say "usage: sh deploy/system-packages.sh [browser]"
        exit 2
        ;;
esac

if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
    say "This isn't Debian or Ubuntu, so nothing was installed. What is needed: Python 3.11 or newer with venv,"
    say "PostgreSQL 13 or newer with PostGIS 3 (or DATABASE_URL), GDAL, gettext, nginx${browser:+, Chromium}."
    exit 0
fi

check_python
check_server
check_tools
check_front
if [ -n "$browser" ]; then check_browser; fi

if [ -z "$missing$need_server" ]; then
    exit 0
fi
if [ "$missing$need_server" = " nginx" ] && [ "$(id -u)" -ne 0 ] && ! command -v sudo >/dev/null; then
    say "There is no nginx here, so pages ask again every few seconds instead of being told at once."
    exit 0
fi

say "Reading the lists of packages..."
as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq </dev/null ||
    say "The package lists could not all be renewed; going on with those at hand."
if [ -n "$need_server" ]; then add_server; fi

say "These packages will be installed, with what they depend on:"
for package in $missing; do say "    $package"; done
if [ -n "$need_server" ]; then
    say "No cluster is made or started on port 5432 by it: the database lives under var/."
fi
trap 'allow_cluster; allow_service' EXIT
trap 'exit 130' INT TERM
if [ -n "$need_server" ] && [ -z "$(ls -A /etc/postgresql 2>/dev/null)" ]; then forbid_cluster; fi
case "$missing " in
    *" nginx "*)
        new_front=yes
        say "No web server is started on port 80 by it: GeoCentral's own runs under var/, without root."
        forbid_service
        ;;
esac

# shellcheck disable=SC2086
if ! as_root env DEBIAN_FRONTEND=noninteractive UCF_FORCE_CONFFOLD=1 apt-get install -y -qq \
    --no-install-recommends -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=120 $missing </dev/null >&2; then
    say "apt-get could not install them; what it said is above. Mend that and run this again."
    exit 1
fi
