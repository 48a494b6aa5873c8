"""PostgreSQL: the operational tables of the production profile."""
