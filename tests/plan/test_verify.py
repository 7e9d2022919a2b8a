"""Whether live sensitive values are those that were written: the mark must tell, for COC does not."""

from __future__ import annotations

import pytest

from cocsync.model import mark as marks
from cocsync.model.desired import Manifest
from cocsync.model.live import Live
from cocsync.model.mark import Keyring
from cocsync.model.script import Param
from cocsync.model.secret import SENSITIVE
from cocsync.plan.change import FieldChange
from cocsync.plan.verify import Verification, can_put_back, verify_values
from tests.support.builders import KEYS, NO_KEYS, OTHER_KEYS, edited, manifest, param, secret, written

BOTH_KEYS = Keyring.parse("another-fingerprint-key-0123,an-example-fingerprint-key")


def with_secret(value: str | None = "s3cret", **changes: str) -> Manifest:
    return manifest(params=(param(), secret(value=value, **changes)))


def verify(desired: Manifest, live: Live, keys: Keyring = KEYS) -> Verification:
    assert live.mark is not None
    return verify_values(desired, live.script, live.mark, keys)


class TestCompared:
    def test_the_same_value_is_no_difference(self) -> None:
        assert verify(with_secret(), written(with_secret(), keys=KEYS)) == Verification()

    def test_another_value_is_a_change_that_shows_neither(self) -> None:
        found = verify(with_secret("new"), written(with_secret("old"), keys=KEYS))
        change = FieldChange(path="params[token].value", before=SENSITIVE, after=SENSITIVE, sensitive=True)
        assert found == Verification(changes=(change,))

    def test_every_key_of_the_ring_verifies(self) -> None:
        assert verify(with_secret(), written(with_secret(), keys=KEYS), BOTH_KEYS) == Verification()
        assert verify(with_secret("new"), written(with_secret("old"), keys=KEYS), BOTH_KEYS).changes

    def test_a_key_that_only_shares_the_id_does_not_hide_the_right_one(self) -> None:
        live = written(with_secret(), keys=Keyring.parse("an example key 165"))
        assert verify(with_secret(), live, Keyring.parse("an example key 090,an example key 165")) == Verification()
        assert verify(with_secret(), live, Keyring.parse("an example key 090")).changes

    def test_an_empty_value_that_is_allowed_is_compared(self) -> None:
        assert verify(with_secret(""), written(with_secret("old"), keys=KEYS)).changes

    def test_a_script_without_sensitive_params_has_nothing_to_compare(self) -> None:
        assert verify(manifest(), written(manifest())) == Verification()

    @pytest.mark.parametrize(
        "there",
        [
            manifest(params=(param(),)),
            manifest(params=(secret("other"),)),
            manifest(params=(secret(), secret("other"))),
            manifest(params=(param("token"),)),
        ],
        ids=["none", "another name", "more", "not sensitive"],
    )
    def test_other_sensitive_params_in_coc_are_a_visible_difference_and_not_compared(self, there: Manifest) -> None:
        assert verify(with_secret(), written(there, keys=KEYS)) == Verification()


class TestNotVerified:
    @pytest.mark.parametrize(
        ("desired", "written_with", "keys", "doubt"),
        [
            (with_secret(None), KEYS, KEYS, "env:APP_TOKEN not available"),
            (with_secret(None, ref="file:token.txt"), KEYS, KEYS, "file:token.txt not available"),
            (with_secret(), NO_KEYS, KEYS, "written without a fingerprint key"),
            (with_secret(), KEYS, NO_KEYS, "no COCSYNC_FINGERPRINT_KEY here"),
            (with_secret(), OTHER_KEYS, KEYS, "written under another fingerprint key"),
        ],
        ids=["variable", "file", "no fingerprint", "no key here", "another key"],
    )
    def test_is_said_and_is_never_a_change(
        self, desired: Manifest, written_with: Keyring, keys: Keyring, doubt: str
    ) -> None:
        live = written(with_secret("some other value"), keys=written_with)
        assert verify(desired, live, keys) == Verification(reason=doubt)

    def test_a_missing_value_comes_before_a_missing_key(self) -> None:
        assert verify(with_secret(None), written(with_secret()), NO_KEYS).reason == "env:APP_TOKEN not available"


class TestSecretVersion:
    @pytest.mark.parametrize("keys", [KEYS, NO_KEYS], ids=["key", "no key"])
    def test_a_new_version_is_a_change_with_or_without_the_key(self, keys: Keyring) -> None:
        found = verify(with_secret(version="2"), written(with_secret(version="1"), keys=KEYS), keys)
        assert found.changes == (FieldChange(path="params[token].secret_version", before="(other)", after="2"),)

    def test_the_first_version_has_none_before_it(self) -> None:
        found = verify(with_secret(version="1"), written(with_secret(), keys=KEYS))
        assert found.changes == (FieldChange(path="params[token].secret_version", before=None, after="1"),)

    def test_one_in_the_mark_only_is_a_change(self) -> None:
        found = verify(with_secret(), written(with_secret(version="1"), keys=KEYS))
        assert found.changes == (FieldChange(path="secret_version", before="(other)", after=None),)

    def test_comes_with_the_change_of_the_value(self) -> None:
        found = verify(with_secret("new", version="2"), written(with_secret("old", version="1"), keys=KEYS))
        assert [(c.path, c.sensitive) for c in found.changes] == [
            ("params[token].secret_version", False),
            ("params[token].value", True),
        ]

    def test_comes_with_a_doubt(self) -> None:
        found = verify(with_secret(None, version="2"), written(with_secret(version="1"), keys=KEYS))
        assert found.changes
        assert found.reason


class TestCanPutBack:
    def put_back(self, desired: Manifest, live: Live, keys: Keyring = KEYS) -> bool:
        assert live.mark is not None
        return can_put_back(desired, live.script, live.mark, keys)

    def test_a_script_without_sensitive_values_always(self) -> None:
        assert self.put_back(with_secret(None), written(manifest()), NO_KEYS)

    def test_one_whose_values_are_verified(self) -> None:
        assert self.put_back(with_secret(), written(with_secret(), keys=KEYS))

    @pytest.mark.parametrize(
        ("desired", "live", "keys"),
        [
            (with_secret(None), written(with_secret(), keys=KEYS), KEYS),
            (with_secret(), written(with_secret(), keys=KEYS), NO_KEYS),
            (with_secret("new"), written(with_secret("old"), keys=KEYS), KEYS),
            (manifest(), written(with_secret(), keys=KEYS), KEYS),
            (manifest(params=(secret("other"),)), written(with_secret(), keys=KEYS), KEYS),
        ],
        ids=["not available", "no key", "another value", "not in the manifest", "another param"],
    )
    def test_no_other(self, desired: Manifest, live: Live, keys: Keyring) -> None:
        assert not self.put_back(desired, live, keys)

    def test_an_edited_one_too(self) -> None:
        assert self.put_back(with_secret(), edited(written(with_secret(), keys=KEYS), content="edited"))


def test_the_sources_of_missing_values_are_named_once_each() -> None:
    params = (
        secret("a", None, ref="env:A"),
        secret("b", None, ref="env:A"),
        secret("c"),
        secret("d", None, ref="file:d"),
    )
    assert manifest(params=params).missing_values == ("env:A", "file:d")


def test_a_sensitive_param_without_source_lacks_no_value() -> None:
    """The loader has said that its source is wrong."""
    assert manifest(params=(Param(name="a", sensitive=True),)).missing_values == ()


def test_a_fingerprint_says_nothing_of_the_digest() -> None:
    """Only sensitive values differ, so that the mark's core is the same."""
    old, new = written(with_secret("old"), keys=KEYS), written(with_secret("new"), keys=KEYS)
    assert old.mark is not None
    assert new.mark is not None
    assert old.mark.core == new.mark.core
    assert old.mark.fingerprint != new.mark.fingerprint
    assert old.mark.digest == marks.digest(with_secret().script, protected=False)
