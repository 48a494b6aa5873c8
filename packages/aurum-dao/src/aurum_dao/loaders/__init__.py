"""Files of publishers to canonical Arrow: one module per format."""
