"""The three services. They know the event catalogue and `shared`, never each other."""
