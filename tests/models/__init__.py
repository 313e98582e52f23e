"""Tests of the models room: made-up files and a server on this machine; the real weights only where the marker says so."""
