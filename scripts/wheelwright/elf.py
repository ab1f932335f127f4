"""A 64-bit little-endian ELF program: the libraries and versions of symbols that it asks for, and what changes of that.

# Source
System V ABI, chapters 4 and 5; Linux Standard Base, symbol versioning.
"""

import collections
import struct

MACHINES = {62: "x86_64", 183: "aarch64"}
LOAD, DYNAMIC = 1, 2  # kinds of segments
SYMBOL_VERSIONS = 0x6FFFFFFF  # kind of section: a version's number for each symbol
NULL, NEEDED, STRINGS, SYMBOLS, RPATH, RUNPATH, VERSIONS, LIBRARY_COUNT = 0, 1, 5, 6, 15, 29, 0x6FFFFFFE, 0x6FFFFFFF

# A version that a library is asked for. `place`: of its entry in the file; `pointer`: (place, value) of the number that leads
# to that entry; `counter`: place of the number of versions asked of this library.
Version = collections.namedtuple("Version", "library name number place pointer counter")


class Program:
    """`content`: the bytes of the file."""

    def __init__(self, content):
        if content[:6] != b"\x7fELF\x02\x01":
            raise ValueError("not a 64-bit little-endian ELF file")
        self.content = content
        number = struct.unpack_from("<H", content, 18)[0]
        self.machine = MACHINES.get(number, f"machine {number}")
        # type, flags, offset in the file, address, physical address, size in the file, size in memory, alignment
        self._segments = self._headers(32, 54, "<IIQQQQQQ")
        self._dynamic = list(self._entries())

    def needed(self):
        """The names of the libraries that it is linked with."""
        return [self._string(value) for tag, value in self._dynamic if tag == NEEDED]

    def versions(self):
        """The versions that it asks of them, as in `GLIBC_2.34` of `libc.so.6`."""
        found, library_at = [], self._offset(self._value(VERSIONS)) if self._value(VERSIONS) else 0
        for _ in range(self._value(LIBRARY_COUNT) or 0):
            _, count, library, first, following = struct.unpack_from("<HHIII", self.content, library_at)
            place, pointer = library_at + first, (library_at + 8, first)
            for _ in range(count):
                _, _, number, name, step = struct.unpack_from("<IHHII", self.content, place)
                found.append(Version(self._string(library), self._string(name), number, place, pointer, library_at + 2))
                place, pointer = place + step, (place + 12, step)
            library_at += following
        return found

    def asking_older(self, library, newer, older, symbols):
        """The same program, which asks a library for the `older` version of what it asks the `newer` of.

        Unchanged where it does not ask for both, or asks the newer for more than these symbols.
        """
        versions = {version.name: version for version in self.versions() if version.library == library}
        if newer not in versions or older not in versions:
            return self
        gone, content = versions[newer], bytearray(self.content)
        for place, number, name in self._symbol_versions():
            if number == gone.number:
                if name not in symbols:
                    return self
                struct.pack_into("<H", content, place, versions[older].number)
        step = struct.unpack_from("<I", content, gone.place + 12)[0]
        place, distance = gone.pointer
        struct.pack_into("<I", content, place, distance + step if step else 0)
        count = struct.unpack_from("<H", content, gone.counter)[0]
        struct.pack_into("<H", content, gone.counter, count - 1)
        return Program(bytes(content))

    def without_run_path(self):
        """The same program, which looks for libraries where the system does and nowhere else."""
        (start, size), = [(segment[2], segment[5]) for segment in self._segments if segment[0] == DYNAMIC]
        kept = [entry for entry in self._dynamic if entry[0] not in (RPATH, RUNPATH)]
        content = bytearray(self.content)
        content[start : start + size] = b"".join(struct.pack("<QQ", *entry) for entry in kept).ljust(size, b"\0")
        for tag, value in self._dynamic:
            if tag in (RPATH, RUNPATH):
                place, length = self._offset(self._value(STRINGS)) + value, len(self._string(value))
                content[place : place + length] = bytes(length)
        return Program(bytes(content))

    def _headers(self, place, sizes, form):
        """A table of headers: where the file's first header says where it is, and their size and count."""
        start, size, count = struct.unpack_from("<Q", self.content, place)[0], *struct.unpack_from("<HH", self.content, sizes)
        return [struct.unpack_from(form, self.content, start + index * size) for index in range(count)]

    def _symbol_versions(self):
        """Of each symbol the place and value of its version's number, and its name."""
        symbols = self._offset(self._value(SYMBOLS))
        # name, type, flags, address, offset in the file, size, ...
        for _, kind, _, _, start, size, *_ in self._headers(40, 58, "<IIQQQQIIQQ"):
            for index in range(size // 2 if kind == SYMBOL_VERSIONS else 0):
                name = struct.unpack_from("<I", self.content, symbols + 24 * index)[0]
                place = start + 2 * index
                yield place, struct.unpack_from("<H", self.content, place)[0], self._string(name)

    def _entries(self):
        for place in (segment[2] for segment in self._segments if segment[0] == DYNAMIC):
            while True:
                tag, value = struct.unpack_from("<QQ", self.content, place)
                yield tag, value
                if tag == NULL:
                    return
                place += 16

    def _value(self, wanted):
        return next((value for tag, value in self._dynamic if tag == wanted), None)

    def _offset(self, address):
        """Where in the file what is loaded at an address lies."""
        for kind, _, offset, start, _, size, *_ in self._segments:
            if kind == LOAD and start <= address < start + size:
                return address - start + offset
        raise ValueError(f"no segment holds address {address:#x}")

    def _string(self, place):
        start = self._offset(self._value(STRINGS)) + place
        return self.content[start : self.content.index(b"\0", start)].decode()
