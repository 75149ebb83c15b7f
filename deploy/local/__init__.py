"""The whole system on one machine; Python and make are the only prerequisites."""
