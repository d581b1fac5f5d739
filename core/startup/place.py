"""Where the console lives: its data folder, its port, its secret key."""

import errno
import os
import secrets
import socket
from pathlib import Path

from core.startup.errors import StartError


def check_folder(folder: Path) -> None:
    """Raise StartError unless this folder can be written, or made."""
    nearest = folder
    while not _exists(nearest):
        if nearest.is_symlink():
            raise StartError(
                f"{nearest} is a link that leads nowhere — mend it, or set "
                "MPADMIN_DATA_DIR to another folder."
            )
        nearest = nearest.parent
    if not nearest.is_dir():
        raise StartError(
            f"The data folder {folder} cannot be made: {nearest} is a file — set "
            "MPADMIN_DATA_DIR to another folder."
        )
    if not os.access(nearest, os.W_OK | os.X_OK):
        raise StartError(
            f"The data folder {folder} is not writable — give this user permission to "
            f"write in {nearest}, or set MPADMIN_DATA_DIR to another folder."
        )


def check_address(address: str, port: int) -> None:
    """Raise StartError unless the console can listen on this port of this address."""
    try:
        family, kind, protocol, _, name = socket.getaddrinfo(
            address, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as listener:
            # As gunicorn does: a port that a stopped server left a moment ago is free.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(name)
    except OSError as error:
        raise StartError(_why_not(error, address, port)) from error


def make_folder(folder: Path) -> None:
    """Make the data folder, for nobody else to read."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def make_secret_key(file: Path) -> str:
    """Keep a new secret key in this file, for nobody else to read, and return it."""
    key = secrets.token_urlsafe(48)
    unfinished = file.with_suffix(".new")
    unfinished.unlink(missing_ok=True)
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as output:
        output.write(key)
        output.flush()
        os.fsync(output.fileno())
    # Half a key would lock the encrypted entries away for ever.
    unfinished.replace(file)
    return key


def _exists(path: Path) -> bool:
    # Path.exists raises where a folder above may not be looked into.
    try:
        path.stat()
    except OSError:
        return False
    return True


def _why_not(error: OSError, address: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"Port {port} on {address} is taken — stop the program that listens there, "
            "or set MPADMIN_PORT to another port."
        )
    if error.errno == errno.EACCES:
        return (
            f"This user may not listen on port {port} — set MPADMIN_PORT to a port "
            "above 1023."
        )
    return (
        f"This machine has no address {address} to listen on — set MPADMIN_ADDRESS to "
        "127.0.0.1, or to an address of this machine."
    )
