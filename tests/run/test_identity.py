"""Run ids, scopes and digests: golden vectors, which never change, computed by other means than the code's."""

from __future__ import annotations

import subprocess

import pytest

from cocsync.model.target import Target
from cocsync.run import identity

PROD = Target(name="prod", endpoint="https://coc.myhuaweicloud.com", owner="payments_ops", domain_id="1b6fc2d5")
SIM = Target(name="local", endpoint="sim:", owner="ops")


@pytest.mark.parametrize(
    ("target", "name", "index", "expected"),
    [
        (PROD, "rotate_tls_2026_11", 1, "j7cjmb5i45ou4uqnmmcz"),
        (PROD, "rotate_tls_2026_11", 2, "ccs7d3hhlpv3uosiu3yc"),
        (SIM, "00112233445566778899aabbccddeeff", 1, "j3wckidugmiln6qcfmwn"),
    ],
)
def test_a_run_id_is_this_one_for_ever(target: Target, name: str, index: int, expected: str) -> None:
    assert identity.run_id(target, name, index) == expected


def test_a_run_id_is_sha_256_over_canonical_json() -> None:
    text = '["cocsync-run/1","https://coc.myhuaweicloud.com","1b6fc2d5","payments_ops","rotate_tls_2026_11",1]'
    command = f"printf %s '{text}' | sha256sum | cut -c1-64 | xxd -r -p | base32 | head -c 20 | tr A-Z a-z"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)
    if len(done.stdout) != identity.RUN_ID_LENGTH:
        pytest.skip("this machine lacks xxd or base32")
    assert done.stdout == identity.run_id(PROD, "rotate_tls_2026_11", 1)


def test_a_scope_and_a_digest_are_these_for_ever() -> None:
    assert identity.scope(PROD) == "r3et4qn7"
    assert identity.scope(SIM) == "zzzmvdly"
    assert identity.manifest_digest({"name": "x", "params": {"a": "重启"}}) == "uxxet5ikzzf4mn3ztquh"


def test_a_renamed_target_is_the_same_run_and_the_same_claim() -> None:
    renamed = Target(name="production", endpoint=PROD.endpoint, owner=PROD.owner, domain_id=PROD.domain_id)
    assert identity.run_id(renamed, "a", 1) == identity.run_id(PROD, "a", 1)
    assert identity.claim_ref("refs/x/", renamed, "a") == identity.claim_ref("refs/x/", PROD, "a")


@pytest.mark.parametrize(
    "other",
    [
        Target(name="prod", endpoint=PROD.endpoint, owner="other", domain_id=PROD.domain_id),
        Target(name="prod", endpoint=PROD.endpoint, owner=PROD.owner, domain_id="other"),
        Target(name="prod", endpoint="https://coc.example.com", owner=PROD.owner, domain_id=PROD.domain_id),
    ],
)
def test_another_owner_account_or_coc_is_another_run_and_another_claim(other: Target) -> None:
    assert identity.run_id(other, "a", 1) != identity.run_id(PROD, "a", 1)
    assert identity.claim_ref("refs/x/", other, "a") != identity.claim_ref("refs/x/", PROD, "a")


def test_two_spellings_of_one_simulator_are_one() -> None:
    other = Target(name="local", endpoint="sim:./.cocsync/sim.db", owner="ops")
    assert identity.run_id(other, "a", 1) == identity.run_id(SIM, "a", 1)


def test_the_attributes_are_as_short_as_coc_wants_them() -> None:
    made = identity.attributes(identity.run_id(PROD, "a", 1), "ftzds74jme")
    assert made == {"cocsync": identity.run_id(PROD, "a", 1), "cocsync_d": "ftzds74jme"}
    assert all(len(key) <= 10 and len(value) <= 20 for key, value in made.items())


def test_the_order_of_keys_does_not_matter_to_a_digest() -> None:
    assert identity.manifest_digest({"a": 1, "b": 2}) == identity.manifest_digest({"b": 2, "a": 1})
    assert identity.manifest_digest({"a": 1}) != identity.manifest_digest({"a": 2})
