"""What runs already, for a probe: it starts nothing, checks no schema, and loads as little as can be."""

from console.servers.embedded import running_servers
from db.sessions import Database
from newsmill.settings import Settings

__all__ = ["running_database"]


def running_database(settings: Settings, name: str) -> Database:
    """The database of servers that run. Raises TransientError if an embedded PostgreSQL does not answer."""
    return Database(running_servers(settings).database_url, name=f"newsmill {name}")
