"""The whole system on one machine, with nothing but Python and make to begin with."""
