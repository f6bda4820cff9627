"""From a published value down to the cells that it comes from."""
