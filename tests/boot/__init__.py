"""What scripts/boot-units starts under a real systemd: a made-up enrolled unit, and what the machine that boots looks at."""
