"""What reports may conclude, for events and for the rules of those who write them."""

EVALUATION = ("pass", "fail")
ASSESSMENT = ("pass", "rectify", "fail")
