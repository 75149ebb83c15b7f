"""How a service runs: settings, process, container, database, time."""
