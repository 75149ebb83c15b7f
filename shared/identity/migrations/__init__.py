"""The function `party`, version by version; the services' migrations call these. A version never changes."""
