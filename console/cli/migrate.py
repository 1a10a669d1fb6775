"""`newsmill migrate`: the database schema is brought to this version."""

from console.cli.command import command, err, out, settings_with

__all__ = ["migrate"]


@command("migrate")
def migrate() -> None:
    """Bring the database schema to this version."""
    from console.processes.opening import migrated

    revision = migrated(settings_with(), lambda line: err.print(f"newsmill: {line}", markup=False, soft_wrap=True))
    out.print(f"the database is at revision {revision}")
