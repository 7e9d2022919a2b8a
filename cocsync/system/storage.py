"""The one writer of files.

Whoever can write to a checkout can put a link where cocsync is about to write. Below a checkout therefore every folder
is opened from the top down and no link is followed; elsewhere links are the user's own. A file appears whole or not at
all: it is written under a name that nobody can foresee, and moved to its place.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

PRIVATE_FILE, PRIVATE_FOLDER = 0o600, 0o700
TOPS = (".git", "cocsync.yaml")
"""What lies in the top folder of a checkout. The project file counts where an archive was unpacked instead."""

_HAS_DESCRIPTORS = {os.open, os.mkdir, os.stat, os.unlink, os.rmdir, os.rename} <= os.supports_dir_fd


def _flags(*names: str) -> int:
    """Flags for opening files that the platform has."""
    return sum(getattr(os, name, 0) for name in names)


_FOLDER = _flags("O_RDONLY", "O_DIRECTORY", "O_CLOEXEC")
_NEW_FILE = _flags("O_WRONLY", "O_CREAT", "O_EXCL", "O_NOFOLLOW", "O_CLOEXEC", "O_BINARY")
_APPEND = _flags("O_RDWR", "O_APPEND", "O_CREAT", "O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "O_BINARY")


def write(path: Path, data: bytes, *, private: bool = False, durable: bool = False, exclusive: bool = False) -> None:
    """Writes the file, and the folders on the way. Raises OSError, and then nothing of it is left.

    `private` files and folders are for their user only; other files keep the mode of what they replace. With
    `durable` it is on disk when this returns, with `exclusive` no other file is replaced. Only a regular file is.
    """
    with _opened(path.parent, PRIVATE_FOLDER if private else 0o777) as folder:
        before = folder.status(path.name)
        if before and exclusive:
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))
        if before and not stat.S_ISREG(before.st_mode):
            raise _in_the_way(path, before)
        partial = _unforeseen()
        try:
            kept = stat.S_IMODE(before.st_mode) & 0o777 if before and not private else None
            folder.fill(partial, data, PRIVATE_FILE if private else 0o666, kept=kept, durable=durable)
            folder.rename(partial, path.name)
        except BaseException:
            folder.remove(partial)
            raise
        if durable:
            folder.flush()


def write_folder(path: Path, files: Mapping[str, bytes]) -> None:
    """A new folder with these files, whole or not at all. Raises OSError, also where something has that name."""
    with _opened(path.parent, 0o777) as above:
        if above.status(path.name):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))
        partial = _unforeseen()
        try:
            with above.entered(partial, 0o777) as folder:
                try:
                    for name, data in files.items():
                        folder.fill(name, data, 0o666)
                    above.rename(partial, path.name)
                except BaseException:
                    for name in files:
                        folder.remove(name)
                    raise
        except BaseException:
            above.remove_folder(partial)
            raise


def new_folder(path: Path) -> None:
    """Makes a folder for its user only. Raises FileExistsError where something has that name, else OSError."""
    with _opened(path.parent, PRIVATE_FOLDER) as folder:
        os.mkdir(folder.at(path.name), PRIVATE_FOLDER, dir_fd=folder.descriptor)


def open_state(path: Path) -> IO[bytes]:
    """A regular file for its user only, made where it is missing, to be read and added to. Raises OSError."""
    with _opened(path.parent, PRIVATE_FOLDER) as folder:
        descriptor = os.open(folder.at(path.name), _APPEND, PRIVATE_FILE, dir_fd=folder.descriptor)
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            os.close(descriptor)
            raise _in_the_way(path, found)
        return os.fdopen(descriptor, "a+b")


def open_named(path: Path, *, append: bool = False, buffering: int = -1) -> IO[bytes]:
    """A file, pipe or device that the user names, open to be written piece by piece. `buffering` is that of `open`.

    Raises OSError, also for a link that leads out of a checkout.
    """
    place = named(path)
    _make(place.parent, 0o777)
    flags = _flags("O_WRONLY", "O_CREAT", "O_CLOEXEC", "O_BINARY", "O_APPEND" if append else "O_TRUNC")
    held = _flags("O_NOFOLLOW") if _top(place) else 0
    mode = "ab" if append else "wb"
    return open(place, mode, buffering, opener=lambda name, _: os.open(name, flags | held, 0o666))


def write_named(path: Path, data: bytes, *, private: bool = False) -> None:
    """Writes a file that the user names, whole or not at all; into a device or a pipe as it is. Raises OSError.

    A `private` file is for its user only, and on disk when this returns.
    """
    place = named(path)
    if place.exists() and not place.is_file():
        with open_named(place) as stream:
            stream.write(data)
    else:
        write(place, data, private=private, durable=private)


def named(path: Path) -> Path:
    """Where a path that the user names leads, without links. Raises OSError where it leads out of a checkout by one,
    or into its `.git`.

    The user's own links are followed; one in a checkout may be anybody's, and is only followed inside of it.
    """
    place = Path(os.path.abspath(path))  # noqa: PTH100 - `resolve` would follow the links that are to be seen
    top, real = _top(place), Path(os.path.realpath(place))
    if top is None:
        return place if place.exists() and not place.is_file() else real
    real_top = Path(os.path.realpath(top))
    if not real.is_relative_to(real_top):
        raise OSError(errno.ELOOP, "a symbolic link leads out of the repository", str(path))
    if ".git" in (part.lower() for part in real.relative_to(real_top).parts):
        raise OSError(errno.EACCES, "it leads into .git, which is git's own: name another place", str(path))
    return real


@dataclass(frozen=True, slots=True)
class _Folder:
    """An open folder; where the platform opens none, its path."""

    path: Path
    descriptor: int | None

    def at(self, name: str) -> str:
        """The entry's name for calls that get `descriptor` as `dir_fd`."""
        return name if self.descriptor is not None else str(self.path / name)

    def status(self, name: str) -> os.stat_result | None:
        """The status of the entry itself, not of what a link leads to; None where there is none."""
        try:
            return os.stat(self.at(name), dir_fd=self.descriptor, follow_symlinks=False)
        except FileNotFoundError:
            return None

    @contextmanager
    def entered(self, name: str, mode: int) -> Iterator[_Folder]:
        """The folder of that name, made where it is missing. Raises OSError where it is a link."""
        found = self.status(name)
        if found is None:
            with suppress(FileExistsError):
                os.mkdir(self.at(name), mode, dir_fd=self.descriptor)
        elif not stat.S_ISDIR(found.st_mode):
            raise _in_the_way(self.path / name, found)
        if self.descriptor is None:
            yield _Folder(self.path / name, None)
            return
        descriptor = os.open(name, _FOLDER | _flags("O_NOFOLLOW"), dir_fd=self.descriptor)
        try:
            yield _Folder(self.path / name, descriptor)
        finally:
            os.close(descriptor)

    def fill(self, name: str, data: bytes, mode: int, *, kept: int | None = None, durable: bool = False) -> None:
        """A new file; `kept` is the mode that it gets whatever the umask."""
        with os.fdopen(os.open(self.at(name), _NEW_FILE, mode, dir_fd=self.descriptor), "wb") as file:
            if kept is not None and os.chmod in os.supports_fd:
                os.chmod(file.fileno(), kept)  # noqa: PTH101 - an open file has no `Path`
            file.write(data)
            if durable:
                file.flush()
                os.fsync(file.fileno())

    def rename(self, name: str, new: str) -> None:
        os.replace(self.at(name), self.at(new), src_dir_fd=self.descriptor, dst_dir_fd=self.descriptor)

    def remove(self, name: str) -> None:
        with suppress(OSError):
            os.unlink(self.at(name), dir_fd=self.descriptor)

    def remove_folder(self, name: str) -> None:
        with suppress(OSError):
            os.rmdir(self.at(name), dir_fd=self.descriptor)

    def flush(self) -> None:
        """A new name is on disk only when its folder is."""
        if self.descriptor is not None:
            os.fsync(self.descriptor)


@contextmanager
def _opened(path: Path, mode: int) -> Iterator[_Folder]:
    """The folder, with those on the way made where they are missing; below a checkout without a link."""
    place = Path(os.path.abspath(path))  # noqa: PTH100 - `resolve` would follow the links that are to be seen
    top = _top(place / "file")
    if top is None:
        _make(place, mode)
    with _at(top or place) as folder, _below(folder, place.parts[len((top or place).parts) :], mode) as inner:
        yield inner


def _make(place: Path, mode: int) -> None:
    """The folder and those above it, where they are missing. Another file of that name is no name that is taken."""
    try:
        place.mkdir(mode=mode, parents=True, exist_ok=True)
    except FileExistsError:
        raise _in_the_way(place, place.lstat()) from None


@contextmanager
def _at(place: Path) -> Iterator[_Folder]:
    """A folder that is trusted, links and all."""
    descriptor = os.open(place, _FOLDER) if _HAS_DESCRIPTORS else None
    try:
        yield _Folder(place, descriptor)
    finally:
        if descriptor is not None:
            os.close(descriptor)


@contextmanager
def _below(folder: _Folder, parts: tuple[str, ...], mode: int) -> Iterator[_Folder]:
    if not parts:
        yield folder
        return
    with folder.entered(parts[0], mode) as inner, _below(inner, parts[1:], mode) as last:
        yield last


def _top(place: Path) -> Path | None:
    """The outermost folder above the absolute path that looks like the top of a checkout; None where none does.

    An inner one would not do: a link on the way to it could lead to anybody's.
    """
    return next((p for p in reversed(place.parents) if any(os.path.lexists(p / name) for name in TOPS)), None)


def _in_the_way(path: Path, found: os.stat_result) -> OSError:
    if stat.S_ISLNK(found.st_mode):
        return OSError(errno.ELOOP, "a symbolic link is in the way", str(path))
    if stat.S_ISDIR(found.st_mode) or stat.S_ISREG(found.st_mode):
        code = errno.EISDIR if stat.S_ISDIR(found.st_mode) else errno.ENOTDIR
        return OSError(code, os.strerror(code), str(path))
    return OSError(errno.EINVAL, "something that is neither a file nor a folder is in the way", str(path))


def _unforeseen() -> str:
    return f".{os.urandom(8).hex()}.part"
