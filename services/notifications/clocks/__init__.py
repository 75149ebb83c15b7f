"""The clocks of cases: counted as events come and days pass, and explained."""
