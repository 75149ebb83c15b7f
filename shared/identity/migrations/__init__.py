"""The table of calendars, version by version; a service's own migrations call these. A version never changes."""
