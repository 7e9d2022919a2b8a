"""Contents that are no script: what git or another tool left where one should be. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cocsync.policy.reading import Reading
from cocsync.policy.rules import Finding, in_content

_BEGINS: tuple[tuple[re.Pattern[str], str], ...] = (
    (
        re.compile(r"\s*version https?://(?:git-lfs|hawser)\.github\.com/spec/"),
        "a pointer of Git LFS: run `git lfs pull`, or take the file out of LFS",
    ),
    (re.compile(r"\s*/annex/objects/|\s*\.git/annex/"), "a pointer of git-annex: run `git annex get`"),
    (
        re.compile(r"\s*\$ANSIBLE_VAULT;"),
        "encrypted by Ansible Vault: decrypt it, and keep secrets in sensitive params",
    ),
    (
        re.compile(r"\s*-----BEGIN PGP (?:MESSAGE|SIGNED MESSAGE)-----"),
        "encrypted or signed by PGP: use the script itself",
    ),
    (re.compile(r"\s*(?:-----BEGIN AGE ENCRYPTED FILE-----|age-encryption\.org/v1)"), "encrypted by age: decrypt it"),
    (
        re.compile(r"\s*(?:<!doctype html|<html[\s>])", re.IGNORECASE),
        "a web page, as a download leaves it that failed: get the script itself",
    ),
    (re.compile(r"\s*<\?xml\s"), "XML: get the script itself"),
)
_SOPS = re.compile(r"\bENC\[AES256_GCM,data:[^\]\n]*,iv:[^\]\n]*,tag:")
_MARKERS = ("<<<<<<< ", ">>>>>>> ")
_CONFLICT = re.compile(r"^(?:<{7}|>{7}) \S", re.MULTILINE)
_LINK = re.compile(
    r"(?:\.{1,2}/)+[\w.@+-]+(?:/[\w.@+-]+)*|(?:[\w.@+-]+/)+[\w@+-][\w.@+-]*\.(?:sh|bash|py|bat|cmd)", re.ASCII
)


def find(reading: Reading) -> Iterator[Finding]:
    if (found := _found(reading.text)) is not None:
        offset, what = found
        yield in_content("not-a-script", f"this is {what}", reading.text, offset)


def _found(text: str) -> tuple[int, str] | None:
    for pattern, what in _BEGINS:
        if pattern.match(text):
            return 0, what
    if "ENC[" in text and (match := _SOPS.search(text)):
        return match.start(), "encrypted by SOPS: decrypt it, and keep secrets in sensitive params"
    if any(map(text.__contains__, _MARKERS)) and (match := _CONFLICT.search(text)):
        return match.start(), "an unfinished merge: resolve what stands between the conflict markers"
    if _is_link(text):
        return 0, "a path alone, as a symbolic link is checked out as text: name the file itself"
    return None


def _is_link(text: str) -> bool:
    """One line without a line end, as git writes a link's target."""
    return "\n" not in text and _LINK.fullmatch(text) is not None
