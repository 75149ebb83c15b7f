"""The services. They import what services tell each other (`contracts`, `catalogue`) and `shared`, never each other."""
