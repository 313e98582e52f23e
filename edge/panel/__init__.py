"""`lifecert-panel`: the program behind the screen. It has a page, a socket and loopback; it sees no faces and holds no keys.

service   the program: settings, signals, the server on loopback
stage     the end of the stage socket where the panel stands
audience  who looks at the moment, and the newest of each kind for each of them
stream    what a browser is sent, as server-sent events
touching  what a browser may say
app       the application: page, streams, touches, health, meters
meters    counters and the condition, for Prometheus
settings  the table [panel] of the settings file
operator/ the page behind the PIN
static/   page, style, icons, and the words for when lifecert-edge is gone
"""
