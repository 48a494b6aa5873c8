"""One behaviour suite per port: subclass it and give it a factory."""
