"""A file system of a few megabytes: a tmpfs in a mount namespace of its own, so that nobody has to be root."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["small_disk"]

_MOUNT = 'mount -t tmpfs -o "size=$0,mode=0700" tmpfs /mnt && echo ready && exec cat'


@contextmanager
def small_disk(size_bytes: int) -> Iterator[Path]:
    """Its folder, which every process of this user can reach for as long as the block runs."""
    holder = subprocess.Popen(
        ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", _MOUNT, str(size_bytes)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    with holder:
        assert holder.stdout is not None
        assert holder.stdin is not None
        if holder.stdout.readline() != b"ready\n":
            raise RuntimeError("no small disk: `unshare --user --map-root-user --mount` has to work for these tests")
        try:
            yield Path(f"/proc/{holder.pid}/root/mnt")
        finally:
            holder.stdin.close()
