"""Row-level security of tenant tables, for revisions, and the check that no table lacks it."""

from collections.abc import Collection
from typing import Final

from sqlalchemy import Connection, text

COLUMN: Final = "tenant_id"
POLICY: Final = "tenant"
_MINE: Final = f"{COLUMN} = NULLIF(current_setting('aurum.tenant', true), '')"
"""No tenant, or one left empty by an earlier transaction, is NULL: it sees and writes nothing."""


def enable_rls(connection: Connection, table: str) -> None:
    """Let every role, the owner too, see and write only rows of the transaction's tenant.

    In a revision: `enable_rls(op.get_bind(), "run")`. SQLite has no such wall: nothing happens.
    """
    if connection.dialect.name != "postgresql":
        return
    name = _quoted(connection, table)
    for statement in (
        f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {name} FORCE ROW LEVEL SECURITY",
        f"CREATE POLICY {POLICY} ON {name} USING ({_MINE}) WITH CHECK ({_MINE})",
    ):
        connection.execute(text(statement))


def disable_rls(connection: Connection, table: str) -> None:
    """Take it back, for a downgrade that keeps the table."""
    if connection.dialect.name != "postgresql":
        return
    name = _quoted(connection, table)
    for statement in (
        f"DROP POLICY {POLICY} ON {name}",
        f"ALTER TABLE {name} NO FORCE ROW LEVEL SECURITY",
        f"ALTER TABLE {name} DISABLE ROW LEVEL SECURITY",
    ):
        connection.execute(text(statement))


_TENANT_TABLES: Final = text("""
    SELECT c.relname, c.relrowsecurity, c.relforcerowsecurity, a.attnotnull,
        count(p.polname) AS policies,
        count(p.polname) FILTER (WHERE p.polqual IS NULL OR p.polwithcheck IS NULL
            OR pg_get_expr(p.polqual, c.oid) NOT LIKE '%aurum.tenant%'
            OR pg_get_expr(p.polwithcheck, c.oid) NOT LIKE '%aurum.tenant%') AS gaps
    FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = current_schema()
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = :tenant AND NOT a.attisdropped
    LEFT JOIN pg_policy p ON p.polrelid = c.oid
    WHERE c.relkind IN ('r', 'p')
    GROUP BY c.oid, c.relname, c.relrowsecurity, c.relforcerowsecurity, a.attnotnull
    ORDER BY c.relname
""")


def find_rls_faults(connection: Connection, exceptions: Collection[str] = ()) -> list[str]:
    """Return a sentence for every table with a tenant that row-level security does not hold."""
    faults = []
    for row in connection.execute(_TENANT_TABLES, {"tenant": COLUMN}):
        if row.relname in exceptions:
            continue
        broken = (
            ("row-level security is not enabled", not row.relrowsecurity),
            ("the owner is not held (FORCE)", not row.relforcerowsecurity),
            ("tenant_id may be null", not row.attnotnull),
            ("there is no policy", row.policies == 0),
            ("a policy lacks the tenant in USING or WITH CHECK", row.gaps > 0),
        )
        faults += [f"{row.relname}: {what}" for what, is_broken in broken if is_broken]
    return faults


def _quoted(connection: Connection, name: str) -> str:
    return connection.dialect.identifier_preparer.quote(name)
