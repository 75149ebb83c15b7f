"""The tables of a log, version by version; the services' migrations call these. A version never changes."""
