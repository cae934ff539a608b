"""The embedded AWS: an emulator on loopback, pinned, extended and owned by this process."""
