"""What the office gives out in writing: signed data, the page that shows them, and how anybody checks both."""
