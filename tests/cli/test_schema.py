"""`cocsync schema`."""

from __future__ import annotations

import json

import jsonschema

from tests.support.program import Program


def test_lists_and_prints_what_it_publishes(cocsync: Program) -> None:
    kinds = cocsync("schema").out.split()
    assert {"project", "manifest", "plan", "apply", "drift", "validate"} <= set(kinds)
    for kind in kinds:
        schema = json.loads(cocsync.here("schema", kind).out)
        jsonschema.Draft202012Validator.check_schema(schema)


def test_an_unknown_kind_is_a_usage_error_that_names_the_known(cocsync: Program) -> None:
    done = cocsync.here("schema", "plant")
    assert (done.code, done.out) == (64, "")
    assert "manifest" in done.err
