"""The messaging tables, version by version; the services' migrations call these. A version never changes."""
