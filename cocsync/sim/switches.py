"""What nobody knows of how the real COC shows hosts and carries out scripts: one switch for each open question."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

CHOICES: Mapping[str, tuple[str, ...]] = {
    "costs_in": ("ms", "s", "none"),
    "host_paging": ("both", "marker", "offset"),
    "info_params": ("masked", "executed", "default", "none"),
    "log_limit_of": ("host", "ticket"),
    "orders_name_like": ("honoured", "ignored", "refused"),
    "skipped_status": ("CANCELED", "READY"),
    "success_rate_of": ("batch", "ticket"),
    "timeout_status": ("CANCELED", "ABNORMAL"),
    "unapproved_runs": ("refused", "old", "new"),
}
"""The words that a switch can have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Switches:
    """The switches of hosts and tickets, with the defaults that the sources make most likely."""

    host_paging: str = "both"
    """How pages of hosts are asked for: by `marker`, by `offset`, or `both`; the other parameter has no effect."""

    hosts_unordered: bool = False
    """Hosts are listed in an order that is not that of their ids."""

    hosts_page_max: int = 100
    """Longest page of hosts; a newer definition says 500."""

    counts_hosts: bool = True
    """`GET /v1/resources/count` exists."""

    shows_agent_state: bool = True
    """Hosts have `agent_state`; an older definition has only `agent_id`."""

    tags_as_map: bool = False
    """Tags of a host are an object; otherwise a list of pairs."""

    ticket_speed: float = 1.0
    """Seconds that pass for a ticket in one second of the clock, fixed when the ticket is created."""

    ready_seconds: float = 1.0
    """Seconds that a ticket is READY before its first batch."""

    tickets_shown_after: float = 0.0
    """Seconds of a ticket before it can be found, in the list and by its id."""

    rows_shown_after: float = 0.0
    """Seconds of a ticket before the details of its batches have rows."""

    attributes_kept: bool = True
    """`custom_attributes` of a host are shown; otherwise they are dropped."""

    unapproved_runs: str = "refused"
    """A script that awaits review or was rejected: its execution is `refused`, or runs the `old` or the `new` text."""

    omitted_params_stored: bool = True
    """A param that an execution leaves out has its stored value; otherwise it is empty."""

    execute_needs_2023_fields: bool = False
    """`resourceful`, `agent_sn`, `project_id` and `param_order` are required, as in 2023."""

    refused_execute_status: int = 400
    """HTTP status of an execution that is refused; 204, which has no body, in 2023."""

    info_params: str = "masked"
    """Params that a ticket shows: `executed`, `masked` (sensitive ones), the script's `default`, or `none`."""

    success_rate_of: str = "batch"
    """What `success_rate` is a share of: the hosts of each `batch`, or of the `ticket`."""

    pause_is_before: bool = False
    """PAUSE halts before its batch; otherwise after it, unless it is the last one."""

    pauses_at_once: bool = False
    """A ticket that is being paused is PAUSED while its hosts still run; otherwise when they have ended."""

    timeout_status: str = "CANCELED"
    """Status of a host that reached the timeout: `CANCELED` or `ABNORMAL`."""

    skipped_status: str = "CANCELED"
    """Status of the hosts of a batch that was skipped: `CANCELED` or `READY`."""

    abnormal_closes: bool = False
    """An ABNORMAL ticket has ended; otherwise it stays open until it is cancelled or its batch is skipped."""

    abnormal_continues: bool = False
    """CONTINUE_ORDER takes an open ABNORMAL ticket to its next batch; otherwise it cannot."""

    continue_skips_pause: bool = False
    """CONTINUE_ORDER on a ticket that runs lifts its next pause; otherwise it cannot be done."""

    accepts_idle_operations: bool = False
    """An operation that cannot be done is answered with 200 and changes nothing; otherwise it is refused."""

    cancels_next_instance: bool = False
    """CANCEL_INSTANCE means another host than the row of that id: the one behind it."""

    orders_name_like: str = "honoured"
    """`name_like` in the list of tickets is `honoured`, `ignored`, or `refused` with 400."""

    end_time_is_finish: bool = False
    """`end_time` in the list of tickets limits the time of their end; otherwise that of their creation."""

    costs_in: str = "ms"
    """`execute_costs` is in `ms`, in `s`, or null (`none`)."""

    log_while_running: bool = False
    """The log of a host grows while it runs; otherwise it is empty until the end."""

    log_bytes_max: int = 1_000_000
    """Longest log in bytes of UTF-8."""

    log_limit_of: str = "host"
    """What `log_bytes_max` limits: the log of each `host`, or all logs of a `ticket`."""

    log_keeps_tail: bool = False
    """A log that is too long keeps its end; otherwise its beginning."""
