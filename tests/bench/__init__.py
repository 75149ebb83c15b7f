"""How fast the system is, beside two stacks one would otherwise choose: `python -m tests.bench`."""
