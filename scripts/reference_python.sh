# Sourced from the repository's root by what computes reference values: sets `python` to one that can import all of $modules,
# PYTHON (python3) itself or that of an environment of its own, .deps/golden, made here from hash-pinned wheels.

environment=.deps/golden
pins=requirements/golden.txt

python=${PYTHON:-python3}
if ! "$python" -c "import $modules" 2>/dev/null; then
    if ! cmp -s "$pins" "$environment/installed-from"; then
        if ! "$python" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))'; then
            echo "error: $pins is for CPython 3.11; let PYTHON name one, or one that can import $modules" >&2
            exit 1
        fi
        echo "$python cannot import all of $modules: making $environment" >&2
        rm -rf "$environment"
        "$python" -m venv "$environment"
        "$environment/bin/python" -m pip install --quiet --disable-pip-version-check --only-binary=:all: --require-hashes -r "$pins"
        cp "$pins" "$environment/installed-from"
    fi
    python=$environment/bin/python
fi
