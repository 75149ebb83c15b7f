"""What a whole case in one file is made of: the names that its writer and its verifier share."""

DATA, MANIFEST, INFO = "data/", "manifest-sha256.txt", "bag-info.txt"
CHAIN, JOURNAL, PROVEN = "data/chain.jsonl", "data/journal.json", ".proof.json"
