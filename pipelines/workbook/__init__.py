"""From a file that an agency sent to rows of typed values, each with its address."""
