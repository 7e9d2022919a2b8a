"""Replies as they may be repeated to a user: a server's error text can hold the tokens and signature that it was sent.

A gateway that refuses a signature says what it wanted signed, and so repeats signed headers.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace

from cocsync.coc.http.answer import Reply, error_of
from cocsync.coc.http.echo import Screen
from cocsync.model.secret import SENSITIVE, Secret

_PROOFS = ("x-auth-token", "x-security-token", "authorization")
_SIGNATURE_PARTS = re.compile(r"(?:Access|Signature|Credential)=([^,\s]+)")


def reply_without_proofs(reply: Reply, sent: Mapping[str, str]) -> Reply:
    """A refusal without what the request's headers proved; where it is left in another form, the text is left out."""
    text = (reply.body or b"").decode("utf-8", "surrogateescape")
    cleared = replace(reply, body=without_proofs(text, sent).encode("utf-8", "surrogateescape"))
    code, words = error_of(cleared)
    screen = screen_of_proofs(sent)
    shown = {"error_code": screen.name(code), "error_msg": screen.text(words)}
    if (code, words) != tuple(shown.values()):
        cleared = replace(cleared, body=json.dumps(shown).encode())
    request_id = screen.name(reply.headers.get("x-request-id", ""))
    return replace(cleared, headers={**reply.headers, "x-request-id": request_id})


def without_proofs(text: str, sent: Mapping[str, str]) -> str:
    """The text without the tokens and signature that a request carried."""
    for name in _PROOFS:
        if proof := sent.get(name):
            text = text.replace(proof, SENSITIVE)
    return text


def screen_of_proofs(sent: Mapping[str, str]) -> Screen:
    """Finds what is left of the proofs in any other form. The public parts of a signature may be repeated."""
    tokens = [sent.get(name, "") for name in _PROOFS if name != "authorization"]
    parts = _SIGNATURE_PARTS.findall(sent.get("authorization", ""))
    return Screen(map(Secret, (*tokens, *parts)), grain=8, stride=12)
