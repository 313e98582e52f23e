# Words of the scripts that look at a machine from inside, see scripts/boot-units: one line a fact, into /root/facts. A fact that does
# not hold begins with BAD.
# shellcheck shell=sh

unit=/var/lib/lifecert
settings=/etc/lifecert/unit.toml
facts=/root/facts
: >$facts

began=$(cut -d. -f1 /proc/uptime)
say() { echo "$(($(cut -d. -f1 /proc/uptime) - began))s $*" >>$facts; }
# usage: fact SENTENCE COMMAND...
fact() {
  sentence=$1
  shift
  if found=$("$@" 2>&1); then say "ok   $sentence"; else say "BAD  $sentence: $(echo "$found" | tail -n 3 | tr '\n' ' ')"; fi
}
# Waits until a command succeeds; says what it said last when it does not in time.
# usage: within SECONDS COMMAND...
within() {
  until_s=$(($(cut -d. -f1 /proc/uptime) + $1))
  shift
  while ! answer=$("$@" 2>&1); do
    if [ "$(cut -d. -f1 /proc/uptime)" -ge $until_s ]; then
      echo "not within its time: $* ($answer)"
      return 1
    fi
    sleep 0.1
  done
}
show() { systemctl show --property "$2" --value "$1"; }
is() { found=$(show "$1" "$2"); echo "$found"; [ "$found" = "$3" ]; }
says() { found=$(show "$1" StatusText); echo "it says: $found"; case "$found" in *"$2"*) ;; *) return 1 ;; esac; }
active() { is "$1" ActiveState active; }
logged() { journalctl --quiet --no-pager --unit "$1" --grep "$2" --case-sensitive=true | grep .; }
none() { found=$("$@" 2>&1); echo "$found"; [ -z "$found" ]; }
settings_are() { printf '[unit]\nboard = "twin"\ncamera = "%s"\nlanguage = "en"\nconsent = "witness"\n\n[times]\nattempt_ms = 300000\n\n[screen]\nkind = "panel"\n' "$1" >$settings; }
all_sockets() { ss --no-header --tcp --udp --raw --listening --numeric | grep -v '127.0.0.1:8377'; }
page() {
  /opt/lifecert/bin/python -c 'import sys, urllib.request
with urllib.request.urlopen("http://127.0.0.1:8377" + sys.argv[1], timeout=5) as page:
    line = b""
    while line is not None and sys.argv[2].encode() not in line:
        line = page.readline() or None
    print("" if line is None else line.decode().strip()[:300])
    sys.exit(line is None)' "$@"
}
