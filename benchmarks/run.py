"""`make bench`: what cocsync costs at every size, beside the official SDK in a plain loop. Writes below docs/."""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from corpus import ENVIRONMENT, write
from measure import BIN, COCSYNC, Measured, Server, measure
from plot import plot

ROOT = Path(__file__).parent.parent
PORT = 8791
FAST = "jsonschema_rs"
"""What the extra `fast` installs; nothing is measured with it where the table does not say so."""
FAST_MOST = 4000
SDK_MOST = 1000
"""The plain loop is measured up to so many scripts: beyond, it is the same loop for longer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the table."""

    what: str
    scripts: int
    latency_ms: int
    corpus: str
    measured: Measured


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[100, 1000, 4000, 10000])
    parser.add_argument("--latencies", type=int, nargs="+", default=[0, 50], metavar="MS")
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="cocsync-bench-") as folder:
        (Path(folder) / f"{FAST}.py").write_text("raise ImportError\n", encoding="utf-8")
        rows = [*start_up(Path(folder), options.runs)]
        for rich in (True, False):
            for size in options.sizes:
                rows += one_size(Path(folder), size, rich=rich, latencies=options.latencies, runs=options.runs)
    report(rows, options.runs)


def start_up(folder: Path, runs: int) -> list[Row]:
    version = measure([COCSYNC, "--version"], folder=folder, environ=ENVIRONMENT, runs=runs * 3)
    return [Row(what="--version", scripts=0, latency_ms=0, corpus="", measured=version)]


def one_size(folder: Path, size: int, *, rich: bool, latencies: list[int], runs: int) -> list[Row]:
    """Everything that is measured for one repository."""
    corpus = "R" if rich else "S"
    root = folder / f"{corpus}{size}"
    write(root, size, rich=rich, port=PORT)
    rows: list[Row] = []

    def add(what: str, latency: int, measured: Measured) -> None:
        rows.append(Row(what=what, scripts=size, latency_ms=latency, corpus=corpus, measured=measured))
        print(f"{corpus} {size:>6} {latency:>3} ms  {what:<24} {measured}", flush=True)

    def forget() -> None:
        for state in (root / ".cocsync", folder / "cache"):
            shutil.rmtree(state, ignore_errors=True)

    def run(what: str, latency: int, *arguments: str, runs: int = runs, cold: bool = False, fast: bool = False) -> None:
        before = forget if cold else lambda: None
        environ = ENVIRONMENT | {"XDG_CACHE_HOME": str(folder / "cache")}
        environ |= {} if fast else {"PYTHONPATH": str(folder)}
        command: list[str | Path] = [COCSYNC, *arguments, "-q"]
        add(what, latency, measure(command, folder=root, environ=environ, server=server, runs=runs, before=before))

    server = Server(folder / f"coc-{corpus}{size}", PORT)
    try:
        run("validate, first time", 0, "validate", cold=True)
        run("validate, first, with [fast]", 0, "validate", cold=True, fast=True)
        run("validate", 0, "validate")
        for latency in latencies:
            server.ask("POST", "reset")
            server.ask("POST", "settings", latency=latency / 1000)
            run("apply of creates", latency, "apply", "--yes", runs=1, cold=True)
            run("plan, warm", latency, "plan")
            run("plan, cold", latency, "plan", cold=True)
            if size <= FAST_MOST:
                run("plan, cold, with [fast]", latency, "plan", cold=True, fast=True)
            touch(root, size // 100 or 1)
            run("plan, 1 % changed", latency, "plan")
            touch(root, size // 100 or 1, back=True)
            run("drift, full", latency, "drift")
        if not rich and size <= SDK_MOST:
            for latency in latencies:
                server.ask("POST", "settings", latency=latency / 1000)
                loop: list[str | Path] = [sys.executable, Path(__file__).parent / "sdk_loop.py", server.url]
                add(
                    "SDK loop: list and get",
                    latency,
                    measure(loop, folder=root, environ=ENVIRONMENT, server=server, runs=1),
                )
    finally:
        server.close()
    return rows


def touch(root: Path, count: int, *, back: bool = False) -> None:
    """Changes the version in so many manifests, or changes it back."""
    for manifest in sorted(root.glob("scripts/*/script.yaml"))[:count]:
        text = manifest.read_text(encoding="utf-8")
        old, new = ("1.4.1", "1.4.0") if back else ("1.4.0", "1.4.1")
        manifest.write_text(text.replace(old, new), encoding="utf-8")


def report(rows: list[Row], runs: int) -> None:
    """The table and the plot, below docs/."""
    machine = f"{platform.system()}, {_processors()}, Python {platform.python_version()}"
    how_often = "one run each" if runs == 1 else f"medians of {runs} runs, an apply once"
    lines = [
        f"Measured on {machine}; {how_often}, whole processes.",
        "",
        "| corpus | scripts | latency | what | wall | CPU | peak memory | requests | CPU of the server |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        m = row.measured
        lines.append(
            f"| {row.corpus} | {row.scripts or ''} | {row.latency_ms} ms | {row.what} | {m.wall:.2f} s | {m.cpu:.2f} s "
            f"| {m.memory:.0f} MiB | {m.requests} | {m.server:.2f} s |"
        )
    (ROOT / "docs" / "performance-table.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    series = {
        f"{what}, corpus {corpus}": [
            (r.scripts, r.measured.wall)
            for r in rows
            if r.what == what and r.corpus == corpus and r.latency_ms == max(x.latency_ms for x in rows)
        ]
        for what in ("plan, warm", "plan, cold", "apply of creates", "drift, full")
        for corpus in ("R", "S")
    }
    (ROOT / "docs" / "performance.svg").write_text(plot(series), encoding="utf-8")
    print(f"docs/performance-table.md and docs/performance.svg are written. ({BIN})")


def _processors() -> str:
    told = Path("/proc/cpuinfo").read_text("utf-8")
    model = next((line.partition(": ")[2] for line in told.splitlines() if line.startswith("model name")), "")
    return f"{len(os.sched_getaffinity(0))} processors ({model or platform.machine()})"


if __name__ == "__main__":
    main()
