"""The one way in which starting fails."""


class StartError(Exception):
    """The console cannot start; the message is one line: what is wrong — what to do."""
