"""Which operation a request means. Every resource brings its own routes; nothing else knows their paths."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from urllib.parse import unquote

from cocsync.sim.settings import Settings
from cocsync.sim.wire import Refusal, Rejection, Request, Response, refused

ANY = "{}"
"""A segment of a path that differs from request to request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request that `user` may make. `segments` are those that stand at the places of `ANY`, decoded."""

    request: Request
    user: str
    settings: Settings
    segments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One operation: its method, its path with `ANY` for what differs, and who answers.

    `is_page` says that the answer is a page of a list, so that the faults of lists can strike it. `answer` may raise
    `Refusal` and `Rejection`.
    """

    method: str
    path: str
    answer: Callable[[Call], Response]
    is_page: bool = False

    def segments(self, request: Request) -> tuple[str, ...] | None:
        """What stands at the places of `ANY` in the request's path, None where the route does not fit."""
        asked, own = request.path.split("/"), self.path.split("/")
        if request.method != self.method or len(asked) != len(own):
            return None
        pairs = list(zip(own, asked, strict=True))
        if any(part != given if part != ANY else not given for part, given in pairs):
            return None
        return tuple(unquote(given) for part, given in pairs if part == ANY)


class Router:
    """All operations of the simulated COC."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self._routes = tuple(routes)

    def answer(self, request: Request, user: str, settings: Settings) -> Response:
        """The answer to a request of this user; raises Rejection where there is no such operation."""
        for route in self._routes:
            segments = route.segments(request)
            if segments is not None:
                try:
                    return route.answer(Call(request=request, user=user, settings=settings, segments=segments))
                except Refusal as refusal:
                    return refused(refusal)
        raise Rejection(404, "APIGW.0101", f"There is no API {request.method} {request.path}.")

    def is_page(self, request: Request) -> bool:
        """Whether a request asks for a page of a list."""
        return any(route.is_page and route.segments(request) is not None for route in self._routes)
