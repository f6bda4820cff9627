"""The standard, measured: the register of rules and the engine that runs them."""
