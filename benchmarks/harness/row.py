"""The unit of measurement: a row, and the forms in which its peers do the same work."""
import dataclasses
import importlib
import pathlib
import pkgutil


@dataclasses.dataclass
class Form:
    """One way of running a peer: options for its worker in addition to the row's spec, and its environment."""
    name: str
    options: dict = dataclasses.field(default_factory=dict)
    environment: dict = dataclasses.field(default_factory=dict)


@dataclasses.dataclass
class Row:
    """A piece of work that both sides do.

    name          its name on the command line: `make bench ROWS="..."`
    title         its name in the table
    family        the workload of dubkit-bench and the module of peers/
    spec          the exact work to do, which both sides are given
    forms         the forms of the peer; the first is what a user gets who changes nothing
    tolerances    largest relative error (in norm) of each value that both sides compute before anything is timed
    target        the minimum ratio to the best form to aim for
    threads       None for all of the machine's
    prepare       called with a folder for files; returns additions to the spec; "flops" and "bytes" are for the limits
    note          what bounds the row, in words
    """
    name: str
    title: str
    family: str
    spec: dict
    forms: list
    tolerances: dict
    target: float
    threads: int | None = None
    prepare: object = None
    shows_memory: bool = False
    note: str = ""


# A user who tunes malloc keeps freed memory instead of returning it, which avoids page faults on every activation.
TUNED = {"MALLOC_MMAP_MAX_": "0", "MALLOC_TRIM_THRESHOLD_": "100000000000", "MALLOC_TOP_PAD_": "268435456"}
LAYOUTS = {"contiguous": "contiguous", "channels_last": "channels last"}


def torch_forms(compiles=True):
    """Eager in both layouts with glibc's malloc as it is and tuned; compiled in both layouts, tuned."""
    forms = [Form(f"PyTorch {words}{', tuned malloc' if tuned else ''}", {"layout": layout, "compile": False}, tuned)
             for tuned in ({}, TUNED) for layout, words in LAYOUTS.items()]
    if compiles:
        forms += [Form(f"PyTorch compiled, {words}, tuned malloc", {"layout": layout, "compile": True}, TUNED)
                  for layout, words in LAYOUTS.items()]
    return forms


def all_rows():
    """The rows of every module in rows/, sorted by the module's ORDER."""
    folder = pathlib.Path(__file__).parents[1] / "rows"
    modules = [importlib.import_module(f"rows.{module.name}") for module in pkgutil.iter_modules([str(folder)])]
    return [row for module in sorted(modules, key=lambda module: module.ORDER) for row in module.ROWS]
