"""The unit of measurement: a row, and the forms in which its peers do the same work."""
import dataclasses
import importlib
import json
import pathlib
import pkgutil

FLOAT32, BFLOAT16 = "float32", "bfloat16"


@dataclasses.dataclass
class Form:
    """One way of running a peer: options for its worker in addition to the row's spec, its environment, and the precision
    of its products."""
    name: str
    options: dict = dataclasses.field(default_factory=dict)
    environment: dict = dataclasses.field(default_factory=dict)
    precision: str = FLOAT32


@dataclasses.dataclass
class Row:
    """A piece of work that both sides do.

    name          its name on the command line: `make bench ROWS="..."`
    title         its name in the table
    family        the workload of dubkit-bench and the module of peers/
    spec          the exact work to do, which both sides are given; "precision" is the kit's, float32 if it is absent
    forms         the forms of the peer; the first is what a user gets who changes nothing
    tolerances    largest relative error (in norm) of each value that both sides compute before anything is timed
    target        the minimum ratio to the best form to aim for
    bfloat16_tolerances    the same if either side computes in bfloat16
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
    bfloat16_tolerances: dict = dataclasses.field(default_factory=dict)
    threads: int | None = None
    prepare: object = None
    shows_memory: bool = False
    note: str = ""

    @property
    def precision(self):
        """The precision of the kit's products."""
        return self.spec.get("precision", FLOAT32)

    @property
    def peers_work(self):
        """What decides the time that a peer takes: the same text for rows that differ only in the kit's precision."""
        spec = {key: value for key, value in self.spec.items() if key != "precision"}
        return json.dumps([self.family, spec, self.threads, [dataclasses.astuple(form) for form in self.forms]], sort_keys=True)

    def tolerances_for(self, form):
        return self.tolerances if {self.precision, form.precision} == {FLOAT32} else self.bfloat16_tolerances


# A user who tunes malloc keeps freed memory instead of returning it, which avoids page faults on every activation.
TUNED = {"MALLOC_MMAP_MAX_": "0", "MALLOC_TRIM_THRESHOLD_": "100000000000", "MALLOC_TOP_PAD_": "268435456"}
LAYOUTS = {"contiguous": "contiguous", "channels_last": "channels last"}
# Ways to compute in PyTorch, by the worker's option "arithmetic": their words in a form's name, and their precision.
ARITHMETIC = {
    "float32": ("PyTorch", FLOAT32), "autocast": ("PyTorch autocast to bfloat16", BFLOAT16),
    "bfloat16": ("PyTorch with weights in bfloat16", BFLOAT16),
}


def torch_forms(*narrow):
    """Eager in both layouts with glibc's malloc as it is and tuned; compiled in both layouts, tuned. For each of the narrow
    kinds of arithmetic also eager and compiled in both layouts, tuned."""
    def form(layout, arithmetic="float32", compiled=False, environment=TUNED):
        words, precision = ARITHMETIC[arithmetic]
        name = ", ".join([words, *["compiled"] * compiled, LAYOUTS[layout], *["tuned malloc"] * bool(environment)])
        return Form(name, {"layout": layout, "compile": compiled, "arithmetic": arithmetic}, environment, precision)

    forms = [form(layout, environment=environment) for environment in ({}, TUNED) for layout in LAYOUTS]
    forms += [form(layout, compiled=True) for layout in LAYOUTS]
    return forms + [form(layout, arithmetic, compiled) for arithmetic in narrow for compiled in (False, True) for layout in LAYOUTS]


def all_rows():
    """The rows of every module in rows/, sorted by the module's ORDER."""
    folder = pathlib.Path(__file__).parents[1] / "rows"
    modules = [importlib.import_module(f"rows.{module.name}") for module in pkgutil.iter_modules([str(folder)])]
    return [row for module in sorted(modules, key=lambda module: module.ORDER) for row in module.ROWS]
