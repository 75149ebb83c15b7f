"""The families, a folder each: TOML files with its data, and `computing.py` where a computation is needed."""
