"""How calls to a dependency are repeated, cut off and bounded: the same for every adapter."""
