"""Webhooks: subscriptions of organisations to the events of their cases, each a cursor into the feed.

The feed is authoritative: a webhook sends its events unchanged and in order, and the cursor moves only after the
receiver has confirmed them.
"""
