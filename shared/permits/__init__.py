"""What the Administrative Licensing Law gives every permit: intake, decision, hearing, ending, bars, serving, the life
of a permit. A service takes these rows into its procedure."""
