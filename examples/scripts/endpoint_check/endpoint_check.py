#!/usr/bin/env python3
"""Check TCP, HTTP and HTTPS endpoints from this host. Standard library only, Python 3.6 and later.

Usage: endpoint_check.py ENDPOINTS [TIMEOUT_SECONDS=5] [EXPECTED_STATUS=200-399]
Exit:  0 all answer as expected, 1 at least one does not, 2 wrong use
"""

import re
import socket
import sys
import time
import urllib.error
import urllib.parse
import urllib.request


def fail_usage(message):
    sys.stderr.write(f"error: {message}\n")
    sys.exit(2)


def parse_status(text):
    """The lowest and highest good status of `200` or `200-399`."""
    match = re.match(r"([1-5]\d\d)(?:-([1-5]\d\d))?$", text)
    if match is None:
        fail_usage(f"expected_status must be like 200 or 200-399, not {text!r}")
    return int(match.group(1)), int(match.group(2) or match.group(1))


def parse_endpoint(text):
    url = urllib.parse.urlsplit(text)
    try:
        port = url.port
    except ValueError:
        port = None
    if url.scheme == "tcp" and url.hostname and port:
        return url
    if url.scheme in ("http", "https") and url.hostname:
        return url
    return fail_usage(f"{text!r} is neither tcp://HOST:PORT nor an http(s) address")


def check_tcp(url, timeout):
    with socket.create_connection((url.hostname, url.port), timeout=timeout):
        return True, "accepts connections"


def check_http(url, timeout, expected):
    request = urllib.request.Request(url.geturl(), headers={"User-Agent": "endpoint_check"})
    try:
        with urllib.request.urlopen(request, timeout=timeout) as response:
            status = response.status
    except urllib.error.HTTPError as error:
        status = error.code
        error.close()
    return expected[0] <= status <= expected[1], f"status {status}"


def check(url, timeout, expected):
    """Whether the endpoint is as expected, and what was seen. A failed connection is an answer, not a crash."""
    try:
        if url.scheme == "tcp":
            return check_tcp(url, timeout)
        return check_http(url, timeout, expected)
    except urllib.error.URLError as error:
        return False, str(error.reason)
    except OSError as error:
        return False, str(error) or type(error).__name__


def main(arguments):
    endpoints = [text.strip() for text in (arguments[0] if arguments else "").split(",") if text.strip()]
    timeout = arguments[1] if len(arguments) > 1 and arguments[1] else "5"
    expected = parse_status(arguments[2] if len(arguments) > 2 and arguments[2] else "200-399")
    if not endpoints:
        fail_usage("endpoints must name at least one tcp:// or http(s):// address")
    if not re.match(r"([1-9]|[1-5]\d|60)$", timeout):
        fail_usage(f"timeout_seconds must be 1 to 60, not {timeout!r}")

    failed = 0
    for url in [parse_endpoint(text) for text in endpoints]:
        started = time.monotonic()
        good, seen = check(url, int(timeout), expected)
        milliseconds = (time.monotonic() - started) * 1000
        failed += not good
        print(f"{'OK' if good else 'FAIL':4}  {milliseconds:7.1f} ms  {url.geturl()}  {seen}")
    print(f"{len(endpoints) - failed} of {len(endpoints)} endpoints are as expected")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
