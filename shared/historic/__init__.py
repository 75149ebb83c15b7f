"""Permits from before this system, entered from the office's historic registers 台账."""
