"""Pure parsers, from what people write to typed values, and the closed lists they need."""
