#!/bin/sh
# Runs inside the machine that scripts/boot-units boots, as its last service: looks at the units while they live through faults.

. /root/sources/tests/boot/facts.sh

stall() { [ "${1:-0}" -gt 1 ] && kill -STOP "$1"; }
both() { "$1" "$2" && "$1" "$3"; }
waits() { for each in lifecert-edge lifecert-uplink; do is $each ActiveState inactive && is $each ConditionResult no || return 1; done; }
sockets_of_edge() { nsenter --net="/proc/$(show lifecert-edge MainPID)/ns/net" ss --no-header --tcp --udp --raw --listening --numeric; }
alone() { nsenter --net="/proc/$(show lifecert-edge MainPID)/ns/net" ip -o link | grep -v ': lo: '; }
changed() { [ "$(show lifecert-edge MainPID)" != "$1" ] && active lifecert-edge; }
spool() { /opt/lifecert/bin/python -c 'import sqlite3, sys; print(sqlite3.connect(sys.argv[1]).execute(sys.argv[2]).fetchone()[0])' $unit/spool.db "$1"; }
has_results() { found=$(spool 'SELECT count(*) FROM outbox'); echo "$found results"; [ "$found" -ge "$1" ]; }
told() { journalctl --quiet --no-pager --output cat _PID="$1" | grep "\"part\": \"$2\""; }
lit() { told "$(show lifecert-edge MainPID)" illuminator | grep -v '"0 0"'; }
dark() { told "$1" illuminator | tail -n 1 | grep '"0 0"'; }
mebibytes_of_journal() { du --summarize --block-size=1M /run/log/journal | cut -f1; }
few_of_the_flood() { found=$(journalctl --quiet --no-pager --unit flood | wc -l); echo "$found lines"; [ "$found" -gt 0 ] && [ "$found" -lt 10000 ]; }
small_journal() { found=$(mebibytes_of_journal); echo "$found MiB"; [ "$found" -le 17 ]; }
flood() { systemd-run --quiet --wait --unit flood sh -c 'yes "a line that somebody writes again and again" | head -n 200000'; }

# --- before enrolment
fact "systemd $(systemctl --version | sed -n '1s/systemd \([0-9]*\).*/\1/p') is process 1" test "$(cat /proc/1/comm)" = systemd
fact "before enrolment neither program starts, and neither has failed" waits
fact "the unit has users of its own" getent passwd lifecert lifecert-panel lifecert-kiosk

# --- the first boot of an appliance with a claim
cp -a $unit /root/models-and-folders
PYTHONPATH=/root/sources /opt/lifecert/bin/python -m tests.boot.centre /etc/lifecert/enrol &
centre=$!
fact "a centre is there that enrols" within 20 test -s /etc/lifecert/enrol/claim
systemctl start --no-block lifecert-enrol
fact "an appliance with a claim enrols itself" within 30 test -e $unit/centre.json
fact "its used claim is deleted" within 10 test ! -e /etc/lifecert/enrol/claim
fact "the programs that waited for it start" within 30 both active lifecert-edge lifecert-uplink
fact "its keys are its own" test "$(stat -c '%a %U' $unit/keys/result.pem)" = "600 lifecert"
kill $centre
systemctl stop lifecert-edge lifecert-uplink
systemctl reset-failed

# --- an enrolled unit, its state on a small disk of its own, a camera before which nobody appears, no network
mount -t tmpfs -o size=400m,mode=700,uid="$(id -u lifecert)",gid="$(id -g lifecert)" state $unit
cp -a /root/models-and-folders/. $unit/
cp -r /root/unit/state/. $unit/
cp /root/unit/gallery/* $unit/gallery/
cp -r /root/unit/nobody /root/unit/live.mp4 $unit/
chown -R lifecert:lifecert $unit
settings_are "folder:$unit/nobody"
mv $unit/gallery $unit/gallery-later && install -d -m 700 -o lifecert -g lifecert $unit/gallery
mkdir -p /run/systemd/system/lifecert-edge.service.d
printf '[Service]\nWatchdogSec=3\nTimeoutAbortSec=3\n' >/run/systemd/system/lifecert-edge.service.d/quick.conf
systemctl daemon-reload
systemctl start --no-block lifecert-edge lifecert-uplink
fact "lifecert-edge tells that it is ready, and waits for a ticket that it can serve" within 30 says lifecert-edge "idle: waits for a ticket"
fact "lifecert-uplink tells that it is ready, without a network" within 30 says lifecert-uplink "no connection to the centre"
fact "both are active" within 5 both active lifecert-edge lifecert-uplink
fact "every group that a service names is there" getent group video audio render input gpio spi i2c
fact "lifecert-edge listens on no network socket" none sockets_of_edge
fact "lifecert-edge has no network interface but a loopback of its own" none alone
fact "nothing on the whole machine listens but the panel, on 127.0.0.1" none all_sockets
fact "lifecert-panel tells that it is ready" within 20 says lifecert-panel "shows the page"
fact "its page can be opened" page / "<html"
fact "it shows the idle screen that lifecert-edge gives it" within 30 page /stream '"code":"READY"'
fact "/run/lifecert is closed to all but the unit and its group" test "$(stat -c '%a %U %G' /run/lifecert)" = "750 lifecert lifecert"
uplink=$(show lifecert-uplink MainPID)

# --- a process that stalls
edge=$(show lifecert-edge MainPID)
stall "$edge"
fact "a stalled lifecert-edge is ended by its watchdog and started again" within 20 changed "$edge"
fact "the journal says why" logged lifecert-edge "Watchdog timeout"
fact "lifecert-uplink did not notice" test "$(show lifecert-uplink MainPID)" = "$uplink"

# --- a stall in the middle of a visit
rmdir $unit/gallery && mv $unit/gallery-later $unit/gallery
systemctl restart lifecert-edge
fact "a ticket with its photo is served" within 20 says lifecert-edge "serves a visit"
fact "the lamps are told to shine in a visit" within 10 lit
edge=$(show lifecert-edge MainPID)
stall "$edge"
fact "a stall in the middle of a visit is ended by the watchdog, too" within 20 changed "$edge"
fact "the attempt that it broke off is reported as aborted" within 20 has_results 1
fact "and the journal says so" logged lifecert-edge "interrupted attempt reported"

# --- a clean stop in the middle of a visit
fact "the visit is tried again" within 20 says lifecert-edge "serves a visit"
fact "the lamps shine again" within 10 lit
edge=$(show lifecert-edge MainPID)
systemctl stop lifecert-edge
fact "stopped in the middle of a visit it ends by itself with 0" test "$(show lifecert-edge Result) $(show lifecert-edge ExecMainStatus)" = "success 0"
fact "its lamps are dark afterwards" dark "$edge"

# Starts by hand count for the brake, too.
systemctl reset-failed

# --- a disk that cannot be written to, and one that is full
systemctl stop lifecert-uplink
mount -o remount,ro $unit
systemctl start --no-block lifecert-edge lifecert-uplink
fact "with a read-only disk lifecert-edge is alive and says what is wrong" within 20 says lifecert-edge "out of order: "
fact "with a read-only disk lifecert-uplink is alive and says what is wrong" within 20 says lifecert-uplink "out of order: "
fact "both are active with a read-only disk" within 5 both active lifecert-edge lifecert-uplink
systemctl stop lifecert-edge lifecert-uplink
mount -o remount,rw $unit
systemctl reset-failed
systemctl start --no-block lifecert-uplink
rm -f $unit/spool.db.ballast
dd if=/dev/zero of=$unit/filler bs=1M 2>/dev/null
systemctl start --no-block lifecert-edge
fact "with a full disk lifecert-edge is alive and says STORE_FULL" within 30 says lifecert-edge "STORE_FULL"
fact "lifecert-edge is active with a full disk" within 5 active lifecert-edge
edge=$(show lifecert-edge MainPID)
rm $unit/filler
fact "once there is room it serves again" within 60 says lifecert-edge "serves a visit"
fact "without having been started anew" test "$(show lifecert-edge MainPID)" = "$edge"

# --- a living person, under all the walls
systemctl stop lifecert-edge
systemctl reset-failed
settings_are "clip:$unit/live.mp4"
before=$(spool 'SELECT count(*) FROM outbox')
systemctl start --no-block lifecert-edge
fact "a whole visit ends with a signed result behind all the walls" within 40 has_results $((before + 1))
fact "and the person is told that it is done" within 10 logged lifecert-edge '"what": "DONE"'
fact "results wait in the spool for a network" has_results $((before + 1))

# --- a crash loop
systemctl stop lifecert-edge
systemctl reset-failed
echo 'language = "klingon"' >>$settings
sed -i 's/^attempt_ms.*//' $settings
systemctl start --no-block lifecert-edge
fact "a lifecert-edge that fails five times in ten minutes is left be" within 60 is lifecert-edge ActiveState failed
fact "its brake was the reason" logged lifecert-edge "Start request repeated too quickly"
fact "a plain sentence says so" within 10 grep "was started five times in ten minutes" /run/lifecert/failed-lifecert-edge
fact "its group, so the panel, can read it" test "$(stat -c '%a %G' /run/lifecert/failed-lifecert-edge)" = "640 lifecert"
fact "lifecert-uplink goes on" active lifecert-uplink
settings_are "clip:$unit/live.mp4"
systemctl reset-failed lifecert-edge
systemctl start --no-block lifecert-edge
fact "mended, it starts" within 30 says lifecert-edge "idle"
fact "and the sentence is gone" within 5 test ! -e /run/lifecert/failed-lifecert-edge

# --- one that is killed outright, as the kernel does when memory runs out; the limit itself does not hold in this container
edge=$(show lifecert-edge MainPID) uplink=$(show lifecert-uplink MainPID)
systemctl kill --signal=KILL lifecert-edge
fact "a lifecert-edge that is killed is started again" within 30 changed "$edge"
fact "lifecert-uplink keeps its process" test "$(show lifecert-uplink MainPID)" = "$uplink"

# --- the journal
fact "the journal lies in memory" test -d /run/log/journal
fact "and writes nothing to the disk" none find /var/log/journal -type f
flood
fact "of the 200000 lines of a flood few are kept ($(journalctl --quiet --no-pager --unit flood | wc -l))" few_of_the_flood
fact "the journal keeps within 16 MiB ($(mebibytes_of_journal) MiB)" small_journal

# --- the end
systemctl stop lifecert-edge lifecert-uplink lifecert-panel
results() { for each in edge uplink panel; do show lifecert-$each Result; done | sort -u; }
fact "all stop cleanly" test "$(results)" = success
echo over >/root/over
