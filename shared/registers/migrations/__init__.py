"""The tables of registers, version by version; the services' migrations call these. A version never changes."""
