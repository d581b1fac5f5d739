"""What happens between `serve` and the first request."""
