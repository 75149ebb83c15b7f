"""The office at work: its people, what waits for them, how long it takes, what anybody may know of it."""
