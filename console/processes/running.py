"""What runs already, for a probe. This starts nothing, checks no schema, and loads as little as it can."""

from console.servers.embedded import running_servers
from db.sessions import Database
from newsmill.settings import Settings

__all__ = ["running_database"]


def running_database(settings: Settings, name: str) -> Database:
    """Opens the database of servers that run. Raises TransientError if an embedded PostgreSQL does not answer."""
    return Database(running_servers(settings).database_url, name=f"newsmill {name}")
