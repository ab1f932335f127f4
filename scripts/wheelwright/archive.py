"""Wheels as archives: the same bytes from the same files, with the list of their sha256 that installers check.

# Source
PyPA's binary distribution format and "Recording installed projects".
"""

import base64
import hashlib
import io
import zipfile

FIRST_DAY = (1980, 1, 1, 0, 0, 0)  # the first that an archive can tell
FILE, PROGRAM = 0o100644, 0o100755


def pack(files, information, programs):
    """The bytes of a wheel of `files` (path in it: content); `information`: its .dist-info folder; `programs`: executables."""
    record = f"{information}/RECORD"
    lines = [f"{path},sha256={_digest(content)},{len(content)}\n" for path, content in sorted(files.items())]
    files = {**files, record: "".join([*lines, f"{record},,\n"]).encode()}
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        # The information last, as the format recommends.
        for path in sorted(files, key=lambda path: (path.startswith(information), path)):
            entry = zipfile.ZipInfo(path, FIRST_DAY)
            entry.create_system = 3  # Unix, whose modes follow
            entry.external_attr = (PROGRAM if path in programs else FILE) << 16
            archive.writestr(entry, files[path], zipfile.ZIP_DEFLATED, 9)
    return stream.getvalue()


def _digest(content):
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
