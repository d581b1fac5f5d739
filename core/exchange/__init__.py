"""Records as files: what an export writes and an import reads."""
