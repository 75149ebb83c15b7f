"""What the services tell each other: event types by source, with the schema of their data."""
