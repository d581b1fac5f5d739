"""The pages of an export, and the file that is sent."""
