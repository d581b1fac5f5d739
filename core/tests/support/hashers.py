"""Passwords of the tests, hashed in no time."""

from django.contrib.auth.hashers import PBKDF2PasswordHasher


class QuickHasher(PBKDF2PasswordHasher):
    """Django's own format, so that a live console accepts what a test has stored."""

    iterations = 1
