"""Messages: to whom, in which words, and where they are read."""
