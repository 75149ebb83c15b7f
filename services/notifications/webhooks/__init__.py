"""Webhooks: subscriptions of organisations to the events of their cases, each a cursor into the feed.

A webhook is a nudge, the feed is the truth: events are sent as they stand there, in order, and the cursor moves only
after an answer that says they arrived.
"""
