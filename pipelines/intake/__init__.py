"""How files come in: channels that are pulled, and the archive that keeps what came."""
