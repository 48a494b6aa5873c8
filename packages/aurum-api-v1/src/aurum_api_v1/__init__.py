"""The v1 surface of the Aurum API: the contract that existing clients rely on."""
