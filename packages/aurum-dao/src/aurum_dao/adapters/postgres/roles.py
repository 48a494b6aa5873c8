"""The role that serves: it owns nothing and row-level security holds it."""

from typing import Final

from sqlalchemy import Connection, text

from aurum_core.settings.errors import SettingsError

APP_ROLE: Final = "aurum_app"
_UNWALLED: Final = text(
    "SELECT rolsuper OR rolbypassrls OR pg_has_role(:role, current_user, 'MEMBER')"
    " FROM pg_roles WHERE rolname = :role"
)


def grant_to_app(connection: Connection) -> None:
    """Let the role that serves read and write every table; the owner calls it after a migration.

    The role is made where the owner may make roles, without a password: nobody can log in as it
    before an operator gives it one.

    Raises:
        SettingsError: there is no such role and the owner may not make it, or it passes the wall.
    """
    unwalled = connection.execute(_UNWALLED, {"role": APP_ROLE}).scalar_one_or_none()
    if unwalled is None:
        _make_role(connection)
    elif unwalled:
        raise SettingsError(
            [f"the role {APP_ROLE} must be no superuser, no owner, and NOBYPASSRLS"]
        )
    schema = connection.execute(text("SELECT quote_ident(current_schema())")).scalar_one()
    for statement in (
        f"GRANT USAGE ON SCHEMA {schema} TO {APP_ROLE}",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {APP_ROLE}",
        f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {schema} TO {APP_ROLE}",
        f"REVOKE INSERT, UPDATE, DELETE ON {schema}.alembic_version FROM {APP_ROLE}",
    ):
        connection.execute(text(statement))


def _make_role(connection: Connection) -> None:
    may = text("SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user")
    if not connection.execute(may).scalar_one():
        raise SettingsError(
            [f"no role {APP_ROLE}: CREATE ROLE {APP_ROLE} LOGIN NOBYPASSRLS PASSWORD '…'"]
        )
    connection.execute(text(f"CREATE ROLE {APP_ROLE} LOGIN NOBYPASSRLS"))
