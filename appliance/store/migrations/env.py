"""Run by Alembic with the connection that ``appliance.store.migrate`` hands it."""

from alembic import context

from appliance.store.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    transaction_per_migration=False,
)
context.run_migrations()
