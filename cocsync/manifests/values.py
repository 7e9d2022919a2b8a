"""Values of params: what COC takes, and where the sensitive ones come from.

No message shows a value or a part of it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from fnmatch import fnmatchcase
from pathlib import Path

from cocsync.errors import CocsyncError
from cocsync.manifests import files
from cocsync.manifests.project import SecretPolicy
from cocsync.model.fields import PARAM_VALUE_MAX, PARAM_VALUE_PATTERN, utf16_length
from cocsync.model.script import ValueSource
from cocsync.model.secret import MASK, Secret

REFUSED_VARIABLES = ("HUAWEICLOUD_", "HW_", "OS_", "COCSYNC_", "GITHUB_", "ACTIONS_", "CI_", "GITLAB_", "RUNNER_")
"""What the variables of cocsync and of the pipeline begin with: never read, whatever `secrets.env` allows."""

GUARDED_VARIABLES = (
    *("GH_*", "GL_*", "AWS_*", "AZURE_*", "ARM_*", "GOOGLE_*", "GCP_*", "ALICLOUD_*", "TENCENTCLOUD_*", "VAULT_*"),
    *("TF_*", "KUBE*", "DOCKER_*", "NPM_*", "PIP_*", "PYPI_*", "TWINE_*", "SSH_*", "GPG_*", "GIT_*", "*_PROXY"),
)
"""Keys of other tools, which lie in many environments: read only where `secrets.env` has the very name."""

_FILE_MAX_BYTES = 1 << 16
_TAKEN = re.compile(PARAM_VALUE_PATTERN.removesuffix("$"))


class BadValue(CocsyncError):
    """A value, or its source, that cannot be used. The text goes on from the source's name."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code


def check(value: str) -> None:
    """Raises `BadValue` for what COC would refuse (API reference 4.2.1), and for the mask it returns."""
    if value == MASK:
        raise BadValue("value-mask", "is the mask that COC shows in place of a value: give the value itself")
    if utf16_length(value) > PARAM_VALUE_MAX:
        raise BadValue("value-too-long", f"is longer than {PARAM_VALUE_MAX} characters")
    match = _TAKEN.match(value)
    if match is None or match.end() < len(value):
        position = match.end() + 1 if match else 1
        raise BadValue("value-refused", f"has a character at position {position} that COC does not take there")


def _line(name: str) -> str:
    return f"where it is meant, write `secrets: {{env: [{name}]}}` there, or add `{name}` to the list"


class ValueReader:
    """Reads sensitive values as the project's policy allows."""

    def __init__(self, root: Path, policy: SecretPolicy, environ: Mapping[str, str]) -> None:
        self._root = root
        self._policy = policy
        self._environ = environ

    def read(self, value_from: Mapping[str, str], *, version: str = "", allow_empty: bool = False) -> ValueSource:
        """The source with its value, None where it is not available here. Raises `BadValue`.

        `value_from` is `{env: NAME}` or `{file: PATH}`. An unset variable and a missing file are not available;
        an empty one neither, since pipelines expand a missing secret to nothing, unless `allow_empty`.
        """
        (kind, name), *_ = value_from.items()
        ref = f"{kind}:{name}"
        value = self._variable(name) if kind == "env" else self._file(name)
        if value is None or (value == "" and not allow_empty):
            return ValueSource(ref=ref, version=version)
        check(value)
        return ValueSource(ref=ref, version=version, value=Secret(value))

    def _variable(self, name: str) -> str | None:
        if name.upper().startswith(REFUSED_VARIABLES):
            raise BadValue("value-source", "is one of cocsync's or the pipeline's own variables: use another one")
        allowed = self._policy.env
        if name in allowed:
            return self._environ.get(name)
        if any(fnmatchcase(name.upper(), pattern) for pattern in GUARDED_VARIABLES):
            raise BadValue("value-source", f"may be another tool's key and no pattern allows it: {_line(name)}")
        if not any(fnmatchcase(name, pattern) for pattern in allowed):
            raise BadValue("value-source", f"is not among `secrets.env` of the project file: {_line(name)}")
        return self._environ.get(name)

    def _file(self, name: str) -> str | None:
        """The value in a file, without the line end at its end."""
        try:
            data = files.read_file(*self._located(name), _FILE_MAX_BYTES)
        except files.Unreadable as unreadable:
            if unreadable.missing:
                return None
            raise BadValue("value-source", str(unreadable)) from None
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError:
            raise BadValue("value-source", "is not UTF-8") from None
        return text.removesuffix("\n").removesuffix("\r") if text.endswith("\n") else text

    def _located(self, name: str) -> tuple[Path, str]:
        """Root and path below it. Links are followed below `secrets.files`: mounted secrets are made of them."""
        if not Path(name).is_absolute():
            return self._root, name
        path = Path(os.path.realpath(name))
        files.refuse_reserved(path.parts)
        for folder in (str(self._root), *self._policy.files):
            root = Path(os.path.realpath(folder))
            if path.is_relative_to(root):
                return root, path.relative_to(root).as_posix()
        raise BadValue("value-source", "lies neither in the repository nor below `secrets.files` of the project file")
