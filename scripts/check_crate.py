#!/usr/bin/env python3
"""Holds an unpacked archive against RO-Crate with the public validator (requirements/crate.txt, `setup.py crate`).

    python3 scripts/check_crate.py FOLDER [required|recommended]

Nothing is fetched: the JSON-LD context comes from the package `rocrate`, which carries it.
"""

import importlib.util
import io
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / ".deps/crate"))

import requests_cache  # noqa: E402
from requests.adapters import HTTPAdapter  # noqa: E402
from rocrate_validator import services  # noqa: E402
from urllib3 import HTTPResponse  # noqa: E402

CONTEXT = "https://w3id.org/ro/crate/1.1/context"
PROFILE = "process-run-crate"


class FromPackage(HTTPAdapter):
    """Answers every request with the context that the package carries."""

    def send(self, request, **_):
        package = importlib.util.find_spec("rocrate").origin
        context = Path(package).with_name("data") / "ro-crate.jsonld"
        headers = {"Content-Type": "application/ld+json"}
        body = io.BytesIO(context.read_bytes())
        return self.build_response(
            request,
            HTTPResponse(body, headers, 200, preload_content=False, request_url=request.url),
        )


def fill(cache):
    session = requests_cache.CachedSession(cache_name=str(cache), backend="sqlite", expire_after=-1)
    session.mount("https://", FromPackage())
    session.get(CONTEXT).raise_for_status()
    session.close()


def main():
    folder, severity = sys.argv[1], (sys.argv[2:] or ["required"])[0]
    with tempfile.TemporaryDirectory() as work:
        cache = Path(work) / "contexts"
        fill(cache)
        result = services.validate({
            "rocrate_uri": folder,
            "profile_identifier": PROFILE,
            "requirement_severity": severity.upper(),
            "cache_path": str(cache),
            "cache_max_age": -1,
            "offline": True,
        })
    for issue in result.get_issues():
        print(f"{issue.check.identifier} {issue.severity.name}: {issue.message}")
    print(f"{len(result.executed_checks)} checks, {len(result.get_issues())} issues")
    return 1 if result.get_issues() else 0


if __name__ == "__main__":
    sys.exit(main())
