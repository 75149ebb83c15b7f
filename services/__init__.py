"""The three services. They import the event catalogue and `shared`, never each other."""
