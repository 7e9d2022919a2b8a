"""Any JSON at all, and answers that are almost what COC sends: for readers that must never stumble."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5)
ANY = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
)


def almost(value: Any) -> st.SearchStrategy[Any]:
    """The value with any of its parts replaced by any JSON, or left out where it is a key."""
    if isinstance(value, dict):
        keys = {key: almost(part) for key, part in value.items()}
        whole: st.SearchStrategy[Any] = st.fixed_dictionaries({}, optional=keys) | st.fixed_dictionaries(keys)
    elif isinstance(value, list):
        whole = st.tuples(*map(almost, value)).map(list)
    else:
        whole = st.just(value)
    return st.one_of(whole, whole, whole, ANY)
