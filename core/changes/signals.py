"""What the change engine tells the rest of the console."""

from django.dispatch import Signal

written = Signal()
"""Sent after each commit to MoviePilot's database; the sender is the model written.

What is in a cache of ours may be of yesterday from here on. MoviePilot's own writes
send nothing.
"""
