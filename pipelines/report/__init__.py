"""The page that leaders read."""
