"""Alembic's entry: run on the connection that `agent.storage.schema` hands over, inside its transaction."""

from alembic import context

from agent.storage.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
