"""One year of invented history at the stated size, for `bench/year.py`."""
