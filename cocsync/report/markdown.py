"""Reports for comments on pull requests and for step summaries; see the modules that they come from."""

from cocsync.report.markdown_apply import apply_markdown
from cocsync.report.markdown_drift import drift_markdown
from cocsync.report.markdown_page import BUDGET_MIN, COMMENT_BUDGET, STEP_SUMMARY_BUDGET
from cocsync.report.markdown_plan import plan_markdown

__all__ = [
    "BUDGET_MIN",
    "COMMENT_BUDGET",
    "STEP_SUMMARY_BUDGET",
    "apply_markdown",
    "drift_markdown",
    "plan_markdown",
]
