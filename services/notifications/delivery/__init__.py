"""Messages on their way out of the office, and those that did not arrive."""
