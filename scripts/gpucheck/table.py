"""The rows that were measured, as Markdown."""


class Table:
    def __init__(self):
        self.rows = []

    def add(self, what, found, wanted="", holds=None):
        """A row: what was measured, what was found, what is wanted, and whether that holds; None where nothing is."""
        verdict = {True: "yes", False: "**no**", None: ""}[holds]
        self.rows.append((what, found, wanted, verdict))
        print(f"{what}: {found}" + (f" (wanted: {wanted}{'' if holds else '; NOT reached'})" if wanted else ""), flush=True)

    @property
    def failed(self):
        return any(verdict == "**no**" for *_, verdict in self.rows)

    def markdown(self, subject):
        lines = ["; ".join(subject.described()) + ".", "", "| | measured | wanted | holds |", "| --- | --- | --- | --- |"]
        lines += [f"| {' | '.join(cell.replace('|', '/') for cell in row)} |" for row in self.rows]
        return "\n".join(lines)
