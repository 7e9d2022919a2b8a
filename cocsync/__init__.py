"""Reconcile a repository of scripts with Huawei Cloud COC: manifests, plan, apply, drift."""

__version__ = "0.1.0"
