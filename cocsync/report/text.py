"""Reports for people, one page of text each; see the modules that they come from."""

from cocsync.report.text_apply import apply_text
from cocsync.report.text_diagnostics import diagnostics_text
from cocsync.report.text_doctor import checkup_text
from cocsync.report.text_drift import drift_text
from cocsync.report.text_plan import plan_text
from cocsync.report.text_status import status_text

__all__ = ["apply_text", "checkup_text", "diagnostics_text", "drift_text", "plan_text", "status_text"]
