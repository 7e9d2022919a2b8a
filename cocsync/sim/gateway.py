"""What stands before COC: who may ask, and in whose name."""

from __future__ import annotations

from cocsync.sim.api import Api
from cocsync.sim.settings import Settings
from cocsync.sim.wire import Request, Response

USER_HEADER = "x-sim-user"
"""Names the user in whose name an unauthenticated request is made."""


class Gateway:
    """Lets a request through to the API in the name of a user, or raises Rejection."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def answer(self, request: Request, settings: Settings) -> Response:
        """The answer to a request."""
        user = request.headers.get(USER_HEADER) or settings.api_user
        return self._api.answer(request, user, settings)
