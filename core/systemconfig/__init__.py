"""MoviePilot's settings in the database: their keys, shapes, and a quick way to read
them.
"""
