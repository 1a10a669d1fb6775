"""A file system of a few megabytes: a tmpfs in a mount namespace of its own, so that nobody has to be root."""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["mounted_disk", "small_disk"]

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


@contextmanager
def mounted_disk(size_bytes: int) -> Iterator[Path]:
    """As `small_disk`, and PostgreSQL reaches it as well.

    That gives up root's rights in a user namespace of its own, from which the other's namespace cannot be entered.
    """
    if os.geteuid() != 0:
        with small_disk(size_bytes) as folder:
            yield folder
        return
    with tempfile.TemporaryDirectory(prefix="newsmill-disk-") as name:
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size_bytes},mode=0700", "tmpfs", name], check=True)
        try:
            yield Path(name)
        finally:
            subprocess.run(["umount", "--lazy", name], check=True)
