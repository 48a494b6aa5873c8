"""Alembic's entry: runs the revisions on the connection that the caller opened."""

from alembic import context

from aurum_dao.operational.tables import metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_as_batch=True,  # SQLite alters a table by copying it
    compare_type=True,
)
with context.begin_transaction():
    if connection.dialect.name == "postgresql":  # the second of two migrations finds nothing to do
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(hashtext('aurum.migrations'))")
    context.run_migrations()
