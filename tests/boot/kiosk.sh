#!/bin/sh
# Runs inside the machine that scripts/boot-units --kiosk boots: lets the kiosk show the page on an output without a screen, copies
# that output with grim, and compares it with what a browser of its own draws of the same page.
. /root/sources/tests/boot/facts.sh

pictures=/root/pictures
runtime=/run/lifecert-kiosk
mkdir -p $pictures

# --- the picture
copy() { XDG_RUNTIME_DIR=$runtime WAYLAND_DISPLAY=wayland-0 timeout 5 grim $pictures/now.png; }
# A headless browser, as another user. What it is told to do goes through Chromium's tools for developers, which the policy closes;
# all the rest of the policy holds for it.
# usage: headless SECONDS WORD...
headless() {
  limit_s=$1
  shift
  rm -rf /tmp/drawn && install -d -o nobody /tmp/drawn
  timeout "$limit_s" unshare --mount sh -c 'policy=/etc/chromium/policies/managed/lifecert.json
    grep -v DeveloperToolsAvailability $policy >/run/open.json && mount --bind /run/open.json $policy && exec "$@"' \
    sh runuser -u nobody -- env HOME=/tmp/drawn chromium --headless --no-first-run --user-data-dir=/tmp/drawn/profile --timeout=4000 "$@"
}
# What it draws of the page, at the size of the output.
# usage: draw NAME
draw() {
  copy || return 1
  size=$(python3 -c 'import struct, sys; print("%d,%d" % struct.unpack(">II", open(sys.argv[1], "rb").read(24)[16:]))' $pictures/now.png)
  headless 60 --force-prefers-reduced-motion --screenshot=/tmp/drawn/page.png --window-size="$size" --hide-scrollbars http://127.0.0.1:8377/
  cp /tmp/drawn/page.png "$pictures/$1.png"
}
opens() { headless 30 --dump-dom "$1" 2>&1 | grep -q "$2"; }
refused() {
  for address in file:///etc/hostname view-source:http://127.0.0.1:8377/ chrome://version http://127.0.0.1:8378/ http://localhost:8377/ data:text/html,words; do
    opens "$address" ERR_BLOCKED_BY_ADMINISTRATOR || { echo "$address"; return 1; }
  done
}
closed_to_tools() {
  rm -rf /tmp/drawn && install -d -o nobody /tmp/drawn
  ! timeout 10 runuser -u nobody -- env HOME=/tmp/drawn chromium --headless --no-first-run --user-data-dir=/tmp/drawn/profile --timeout=4000 \
    --dump-dom http://127.0.0.1:8377/ 2>/dev/null | grep '<main'
}
like() { (cd /root/sources && PYTHONPATH=. /opt/lifecert/bin/python -m tests.boot.same_page "$pictures/$1.png" "$pictures/$2.png"); }
shows() { copy && like now "$1" && cp $pictures/now.png "$pictures/seen-$1.png"; }
unlike() { [ -s "$pictures/$1.png" ] && [ -s "$pictures/$2.png" ] && ! like "$1" "$2"; }
unlike_now() { copy && unlike now "$1"; }

# --- its processes
group() { for top in /sys/fs/cgroup/unified /sys/fs/cgroup; do cat "$top$(show lifecert-kiosk ControlGroup)/cgroup.procs" 2>/dev/null && return; done; }
kind() { tr '\0' ' ' <"/proc/$1/cmdline" | grep -q -- "$2"; }
of_kind() { for pid in $(group); do kind "$pid" "$1" && echo "$pid"; done; }
browser() { for pid in $(group); do kind "$pid" '^/usr/lib/chromium/chromium .*--kiosk ' && echo "$pid"; done; }
pages() { of_kind --type=renderer; }
all_of_its_user() {
  found=$(for pid in $(group); do stat -c %U "/proc/$pid"; done | sort | uniq -c)
  echo "$found"
  [ "$(echo "$found" | wc -l)" = 1 ] && echo "$found" | grep -q ' lifecert-kiosk$'
}
within_its_limits() {
  [ -n "$(group)" ] || return 1
  for pid in $(pgrep -u lifecert-kiosk); do group | grep -q -x "$pid" || { cat "/proc/$pid/cgroup"; return 1; }; done
}
sandboxed() {
  [ -n "$(pages)" ] || return 1
  for pid in $(pages); do
    for space in user pid net; do [ "$(readlink "/proc/$pid/ns/$space")" != "$(readlink /proc/1/ns/$space)" ] || { echo "$pid $space"; return 1; }; done
    grep -q 'Seccomp:.2' "/proc/$pid/status" || { echo "$pid seccomp"; return 1; }
  done
}
gains_nothing() {
  [ -n "$(group)" ] || return 1
  for pid in $(group); do
    grep -q 'NoNewPrivs:.1' "/proc/$pid/status" || { echo "$pid may"; return 1; }
    # Chromium's own sandbox has capabilities within its namespaces only.
    kind "$pid" '--type=' || grep -q 'CapBnd:.0*$' "/proc/$pid/status" || { echo "$pid has"; return 1; }
  done
}
sees() { nsenter --mount="/proc/$(show lifecert-kiosk MainPID)/ns/mnt" "$@"; }
read_only() { sees true || return 1; for place in /etc /usr /var /var/lib /var/tmp /opt; do ! sees touch $place/written 2>/dev/null || { echo $place; return 1; }; done; }
closed() { for place in /home /root /run/user /var/lib/lifecert; do none sees ls -A $place || return 1; done; }
in_memory() { for place in /tmp $runtime /dev/shm; do [ "$(sees stat -f -c %T $place)" = tmpfs ] || { echo $place; return 1; }; done; }
written() { find / -xdev -newer /root/before -type f ! -path '/root/*' ! -path '/tmp/*' ! -path '/var/lib/lifecert*'; }
owned() { find / -xdev -user lifecert-kiosk ! -path '/tmp/*'; }
connected() { ss --no-header --tcp --numeric --processes state established '( dport = 8377 )' | grep chromium; }
connected_to_another() { [ "$(show lifecert-panel MainPID)" != "$1" ] && active lifecert-panel && connected; }
restarts() { is lifecert-kiosk NRestarts "$1"; }
came_back() { restarts "$1" && active lifecert-kiosk; }

# --- an enrolled unit that waits; an output of wlroots without a screen, and a seat without a console
cp -r /root/unit/state/. $unit/
cp -r /root/unit/nobody $unit/
chown -R lifecert:lifecert $unit
settings_are "folder:$unit/nobody"
systemctl restart lifecert-panel
systemctl start --no-block lifecert-edge
mkdir -p /dev/dri /run/systemd/system/lifecert-kiosk.service.d /run/systemd/system/seatd.service.d
# Two outputs side by side: cage of Debian 12 hands a window that fills its only one to the screen past what grim can copy.
printf '[Service]\nEnvironment=WLR_BACKENDS=headless,libinput WLR_HEADLESS_OUTPUTS=2 WLR_RENDERER=pixman WLR_LIBINPUT_NO_DEVICES=1\n' \
  >/run/systemd/system/lifecert-kiosk.service.d/headless.conf
printf '[Service]\nEnvironment=SEATD_VTBOUND=0\n' >/run/systemd/system/seatd.service.d/headless.conf
systemctl daemon-reload
systemctl restart seatd
fact "lifecert-edge waits for a ticket" within 30 says lifecert-edge "idle: waits for a ticket"
fact "the panel shows its idle screen" within 30 page /stream '"code":"READY"'
touch /root/before
systemctl start lifecert-kiosk
fact "the kiosk starts, and there is an output" within 20 copy
[ -s $pictures/now.png ] || { echo over >/root/over; exit; }
fact "it has its seat from seatd" logged seatd "Opened client [0-9]* on seat0"
fact "a browser of its own draws the idle page" draw idle
fact "the output shows the idle page" within 20 shows idle
first=$(show lifecert-kiosk MainPID)

# --- its walls
fact "every process of it is lifecert-kiosk's" all_of_its_user
fact "all its processes are within the limits of the service" within_its_limits
fact "none of them may gain a privilege" gains_nothing
fact "the processes of pages are in Chromium's own sandbox" sandboxed
fact "the disk is read-only to it" read_only
fact "it sees no state of the unit and no home folder" closed
fact "profile, shared memory and temporary files are in memory" in_memory
fact "it listens nowhere on the network" none all_sockets
fact "Chromium opens the page of the panel" opens http://127.0.0.1:8377/ "<main"
fact "and nothing else: no file, no other address, no page of its own" refused
fact "its tools for developers are closed" closed_to_tools

# --- lifecert-edge and the panel go and come back; nobody touches the page
systemctl stop lifecert-edge
fact "a browser of its own draws that the unit is not there" within 20 draw gone
fact "that page is another one than the idle page" unlike gone idle
fact "the output shows it" within 20 shows gone
systemctl start --no-block lifecert-edge
fact "it shows the idle page once lifecert-edge is back" within 40 shows idle
systemctl stop lifecert-panel
fact "while the panel is away it says that the unit is not there" within 20 shows gone
systemctl start lifecert-panel
fact "it shows the idle page once the panel is back" within 30 shows idle
panel=$(show lifecert-panel MainPID)
systemctl kill --signal=KILL lifecert-panel
fact "when the panel is killed the page is connected to the next one" within 30 connected_to_another "$panel"
fact "and shows the idle page" within 10 shows idle
fact "all that without having been started anew" test "$(show lifecert-kiosk MainPID) $(show lifecert-kiosk NRestarts)" = "$first 0"

# --- it fails itself
kill -KILL "$(browser)"
fact "when Chromium is killed the kiosk comes back" within 20 came_back 1
fact "and shows the idle page" within 20 shows idle
kill -KILL $(pages)
fact "when only the process of the page is killed the output shows something else" within 10 unlike_now idle
fact "the kiosk starts anew within half a minute" within 35 came_back 2
fact "and shows the idle page again" within 20 shows idle
systemctl mask --quiet --runtime lifecert-panel
systemctl stop lifecert-panel
systemctl restart lifecert-kiosk
fact "without a panel it starts" within 20 unlike_now idle
systemctl unmask --quiet --runtime lifecert-panel
systemctl start lifecert-panel
fact "and shows the idle page once there is one, within two tries of a minute" within 140 shows idle

# --- the disk
systemctl stop lifecert-kiosk
fact "stopped, it leaves nothing running" none pgrep -u lifecert-kiosk
fact "it owns nothing on the disk" none owned
fact "nothing was written onto the disk while it ran" none written
echo over >/root/over
