"""Values of params. Whatever is wrong with one, neither it nor a character of it is said."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cocsync.manifests.project import SecretPolicy
from cocsync.manifests.values import BadValue, ValueReader, check
from cocsync.model.fields import PARAM_VALUE_PATTERN
from cocsync.model.script import ValueSource
from cocsync.model.secret import MASK, Secret
from tests.support import canary


def reader(root: Path, policy: SecretPolicy | None = None, **environ: str) -> ValueReader:
    return ValueReader(root, policy or SecretPolicy(env=("A*",)), environ)


def fault(value: str) -> tuple[str, str]:
    with pytest.raises(BadValue) as bad:
        check(value)
    return bad.value.code, str(bad.value)


class TestCheck:
    @pytest.mark.parametrize("value", ["", "nginx", 'a b?:",=+@\\[{]}#/*_-.', "a.b.c", "x" * 4096, "*" * 16])
    def test_what_coc_takes_passes(self, value: str) -> None:
        check(value)

    def test_the_mask_is_no_value(self) -> None:
        assert fault(MASK)[0] == "value-mask"

    def test_too_long_counts_utf_16_units(self) -> None:
        assert fault("x" * 4097)[0] == "value-too-long"
        assert fault("😀" * 2049)[0] == "value-too-long"

    @pytest.mark.parametrize(
        ("value", "position"), [("a;b", 2), ("$x", 1), ("abc\n", 4), ("a..b", 2), ("é", 1), ("a\tb", 2), ("x'y'", 2)]
    )
    def test_a_refused_character_is_named_by_its_position_only(self, value: str, position: int) -> None:
        code, message = fault(value)
        assert code == "value-refused"
        assert message == f"has a character at position {position} that COC does not take there"

    @given(st.text(alphabet='ab.;$" \n*é', max_size=12))
    def test_agrees_with_the_pattern_of_the_api_reference(self, value: str) -> None:
        if re.fullmatch(PARAM_VALUE_PATTERN, value):
            check(value)
        else:
            assert fault(value)[0] == "value-refused"


class TestEnvironment:
    def test_a_variable_is_read_as_it_is(self, tmp_path: Path) -> None:
        assert reader(tmp_path, APP_TOKEN="t0 ").read({"env": "APP_TOKEN"}, version="3") == ValueSource(
            ref="env:APP_TOKEN", version="3", value=Secret("t0 ")
        )

    def test_unset_or_empty_means_not_available(self, tmp_path: Path) -> None:
        """A pipeline expands a missing secret to nothing."""
        nothing = ValueSource(ref="env:APP_TOKEN")
        assert reader(tmp_path).read({"env": "APP_TOKEN"}) == nothing
        assert reader(tmp_path, APP_TOKEN="").read({"env": "APP_TOKEN"}) == nothing

    def test_allow_empty_makes_an_empty_variable_a_value_and_an_unset_one_not(self, tmp_path: Path) -> None:
        assert reader(tmp_path, A="").read({"env": "A"}, allow_empty=True).value == Secret("")
        assert reader(tmp_path).read({"env": "A"}, allow_empty=True).value is None

    @pytest.mark.parametrize(
        "name",
        [
            "HUAWEICLOUD_SDK_SK",
            "HW_SECRET_KEY",
            "OS_PASSWORD",
            "COCSYNC_AUTH_TOKEN",
            "GITHUB_TOKEN",
            "ACTIONS_X",
            "CI_X",
            "ci_x",
            "GITLAB_TOKEN",
            "RUNNER_TOKEN",
        ],
    )
    def test_cocsyncs_and_the_pipelines_own_are_refused_whatever_the_policy(self, tmp_path: Path, name: str) -> None:
        with pytest.raises(BadValue, match="own variables"):
            reader(tmp_path, SecretPolicy(env=("*",)), **{name: "s3cret"}).read({"env": name})

    @pytest.mark.parametrize(
        ("patterns", "allowed"), [(("APP_*",), True), (("X", "APP_T?KEN"), True), (("app_*",), False), ((), False)]
    )
    def test_the_policy_names_what_may_be_read(self, tmp_path: Path, patterns: tuple[str, ...], allowed: bool) -> None:
        read = reader(tmp_path, SecretPolicy(env=patterns), APP_TOKEN="t0").read
        if allowed:
            assert read({"env": "APP_TOKEN"}).value == Secret("t0")
        else:
            with pytest.raises(BadValue, match=r"is not among `secrets\.env`"):
                read({"env": "APP_TOKEN"})

    def test_without_a_policy_no_variable_is_read(self, tmp_path: Path) -> None:
        with pytest.raises(BadValue, match=r"write `secrets: \{env: \[APP_TOKEN\]\}` there"):
            reader(tmp_path, SecretPolicy(), APP_TOKEN="t0").read({"env": "APP_TOKEN"})

    @pytest.mark.parametrize(
        "name", ["GH_TOKEN", "AWS_SECRET_ACCESS_KEY", "VAULT_TOKEN", "HTTPS_PROXY", "https_proxy", "NPM_TOKEN"]
    )
    def test_another_tools_key_is_read_by_its_very_name_alone(self, tmp_path: Path, name: str) -> None:
        for pattern in ("*", f"{name[:-1]}*", f"{name[:-1]}?"):
            with pytest.raises(BadValue, match="may be another tool's key"):
                reader(tmp_path, SecretPolicy(env=(pattern,)), **{name: "t0"}).read({"env": name})
        assert reader(tmp_path, SecretPolicy(env=("X", name)), **{name: "t0"}).read({"env": name}).value == Secret("t0")

    def test_a_bad_value_is_refused_without_being_shown(self, tmp_path: Path) -> None:
        with pytest.raises(BadValue) as bad:
            reader(tmp_path, A="s3cret;x").read({"env": "A"})
        assert bad.value.code == "value-refused"
        assert "s3cret" not in str(bad.value)
        assert ";" not in str(bad.value)


class TestFiles:
    @pytest.mark.parametrize(("data", "value"), [(b"t0", "t0"), (b"t0\n", "t0"), (b"t0\r\n", "t0")])
    def test_one_line_end_at_the_end_goes(self, tmp_path: Path, data: bytes, value: str) -> None:
        (tmp_path / "token").write_bytes(data)
        assert reader(tmp_path).read({"file": "token"}) == ValueSource(ref="file:token", value=Secret(value))

    @pytest.mark.parametrize("data", [b"t0\n\n", b"t0\r"])
    def test_more_than_one_line_end_is_a_refused_character(self, tmp_path: Path, data: bytes) -> None:
        (tmp_path / "token").write_bytes(data)
        with pytest.raises(BadValue, match="position 3"):
            reader(tmp_path).read({"file": "token"})

    @pytest.mark.parametrize("data", [None, b"", b"\n"])
    def test_missing_or_empty_means_not_available(self, tmp_path: Path, data: bytes | None) -> None:
        if data is not None:
            (tmp_path / "token").write_bytes(data)
        assert reader(tmp_path).read({"file": "token"}) == ValueSource(ref="file:token")
        allowed = reader(tmp_path).read({"file": "token"}, allow_empty=True).value
        assert allowed == (None if data is None else Secret(""))

    def test_outside_the_repository_only_below_the_named_folders(self, tmp_path: Path) -> None:
        repository, secrets = tmp_path / "repository", tmp_path / "secrets"
        for folder in (repository, secrets):
            folder.mkdir()
        (secrets / "token").write_text("t0\n")
        source = {"file": str(secrets / "token")}
        policy = SecretPolicy(files=(str(tmp_path / "secret"), str(secrets)))
        assert reader(repository, policy).read(source).value == Secret("t0")
        assert reader(secrets).read(source).value == Secret("t0")
        with pytest.raises(BadValue, match="lies neither in the repository nor below"):
            reader(repository).read(source)
        with pytest.raises(BadValue, match="lies outside the repository"):
            reader(repository, policy).read({"file": "../secrets/token"})

    def test_links_are_followed_below_the_named_folders_only(self, tmp_path: Path) -> None:
        """Kubernetes mounts secrets as links; one in the repository, or out of the folder, is somebody's trick."""
        mount = tmp_path / "mount"
        (mount / "..data").mkdir(parents=True)
        (mount / "..data" / "token").write_text("t0")
        (mount / "token").symlink_to("..data/token")
        (tmp_path / "outside").write_text("x")
        (mount / "out").symlink_to(tmp_path / "outside")
        elsewhere = tmp_path / "repository"
        elsewhere.mkdir()
        (elsewhere / "link").symlink_to(mount / "token")
        read = reader(elsewhere, SecretPolicy(files=(str(mount),))).read
        assert read({"file": str(mount / "token")}).value == Secret("t0")
        with pytest.raises(BadValue, match="neither"):
            read({"file": str(mount / "out")})
        with pytest.raises(BadValue, match="symbolic link"):
            read({"file": "link"})

    def test_what_is_no_text_or_no_file_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "binary").write_bytes(b"s3cret\xff")
        canary.sources.add(tmp_path / "binary")
        (tmp_path / "big").write_bytes(b"x" * 70_000)
        (tmp_path / "folder").mkdir()
        for name, reason in (("binary", "is not UTF-8"), ("big", "is larger"), ("folder", "is a folder")):
            with pytest.raises(BadValue, match=reason) as bad:
                reader(tmp_path).read({"file": name})
            assert bad.value.code == "value-source"
            assert "s3cret" not in str(bad.value)
