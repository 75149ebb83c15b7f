"""The feed of all events, for readers who catch up."""
