"""Reports as self-contained HTML pages; see the modules that they come from."""

from cocsync.report.html_drift import drift_html
from cocsync.report.html_plan import plan_html

__all__ = ["drift_html", "plan_html"]
