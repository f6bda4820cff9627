"""The proof of a release: its figures once more, from the archive alone and without SQL."""
