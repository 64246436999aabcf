"""Tests of what the harness computes, without measuring anything: `python3 benchmarks/test_harness.py`; part of `make check`."""
import unittest

from harness import machine, noise, report, results
from harness.row import BFLOAT16, FLOAT32, Form, Row, all_rows, torch_forms

EPYC = """processor\t: 0
vendor_id\t: AuthenticAMD
cpu family\t: 26
model\t\t: 2
model name\t: AMD EPYC
flags\t\t: fpu avx2 avx512f avx512_bf16 avx512_vnni

processor\t: 1
model\t\t: 99
"""
LIMITS = {"float32 peak": {"all_threads": 400, "one_thread": 200, "unit": "GFLOP/s"},
          "triad": {"all_threads": 30, "one_thread": 20, "unit": "GB/s"}}


def form(seconds, memory=1000):
    return {"seconds": seconds, "peak_rss_mib": memory}


def result(ratio, spread=0.02, name="a", precision=FLOAT32):
    return {"name": name, "precision": precision, "ratio": ratio, "spread": spread, "kit_seconds": 1.0, "seconds": ratio,
            "kit_peak_rss_mib": 100, "peak_rss_mib": 200, "memory_ratio": 0.5}


def row(**changes):
    return Row(**{"name": "row", "title": "The work", "family": "step", "spec": {}, "forms": [], "tolerances": {"loss": 1e-3},
                  "bfloat16_tolerances": {"loss": 0.05}, "target": 2, **changes})


def figures(best, best_float32=None, **changes):
    return {"date": "2026-01-01", "system": "24 GiB", "limits": LIMITS, "precision": FLOAT32, "forms": [], "best": best,
            "best_float32": best_float32 or best, "out_of_the_box": best, **changes}


class SpreadTests(unittest.TestCase):
    def test_one_bad_turn_in_five_does_not_make_a_result_noisy(self):
        self.assertAlmostEqual(noise.spread([2, 2, 2, 2, 9]), 0)
        self.assertAlmostEqual(noise.spread([1, 2, 3, 4, 5]), 2 / 3)

    def test_the_bound_itself_is_quiet(self):
        self.assertFalse(noise.is_noisy({"spread": noise.BOUND}))
        self.assertTrue(noise.is_noisy({"spread": noise.BOUND * 1.01}))
        self.assertFalse(noise.is_noisy({}))


class ContenderTests(unittest.TestCase):
    def test_the_fastest_within_the_margin_compete(self):
        forms = [form(1.29), {"failure": "no"}, form(1.0), form(1.31)]
        self.assertEqual(noise.contenders(forms, range(4), 1e6), [2, 0])

    def test_no_more_than_three_compete(self):
        self.assertEqual(noise.contenders([form(1), form(1.03), form(1.01), form(1.02)], range(4), 1e6), [0, 2, 3])

    def test_only_the_given_forms_count(self):
        self.assertEqual(noise.contenders([form(1), form(5), form(6)], [1, 2], 1e6), [1, 2])
        self.assertEqual(noise.contenders([{"failure": "no"}], [0], 1e6), [])

    def test_forms_that_do_not_fit_memory_together_do_not_compete(self):
        forms = [form(1, 900), form(1.1, 200), form(1.2, 50)]
        self.assertEqual(noise.contenders(forms, range(3), 1000), [0])
        self.assertEqual(noise.contenders(forms, range(3), 1100), [0, 1])
        self.assertEqual(noise.contenders(forms, range(3), 100), [0])


class QuickerTests(unittest.TestCase):
    def test_the_shorter_time_counts(self):
        self.assertEqual(noise.quicker(form(0.9), form(0.04)), form(0.04))
        self.assertEqual(noise.quicker(form(0.9), {"failure": "no"}), form(0.9))


class SettledTests(unittest.TestCase):
    def settle(self, *attempts):
        left = list(attempts)
        settled = noise.settled(lambda: left.pop(0))
        return settled, len(left)

    def test_a_quiet_result_stands_at_once(self):
        settled, left = self.settle({0: result(3), 4: result(2.0, 0.05)}, {4: result(1)})
        self.assertEqual((settled[4]["ratio"], settled[4]["attempts"], left), (2.0, 1, 1))

    def test_a_noisy_result_is_measured_once_more(self):
        settled, left = self.settle({0: result(2, 0.5)}, {0: result(3, 0.3)}, {0: result(4, 0)})
        self.assertEqual((settled[0]["ratio"], settled[0]["spread"], settled[0]["attempts"], left), (3, 0.3, 2, 1))

    def test_the_quieter_attempt_stands(self):
        settled, _ = self.settle({0: result(2, 0.2)}, {0: result(27, 0.6)})
        self.assertEqual((settled[0]["ratio"], settled[0]["attempts"]), (2, 2))

    def test_noise_of_a_slower_form_does_not_count(self):
        settled, left = self.settle({0: result(3, 0.9), 1: result(2, 0.01)}, {})
        self.assertEqual((settled[0]["attempts"], left), (1, 1))

    def test_the_fastest_form_has_the_lowest_ratio(self):
        self.assertEqual(noise.fastest([result(3, name="a"), result(2, name="b")])["name"], "b")


class MachineTests(unittest.TestCase):
    def test_the_name_tells_processors_apart_that_share_theirs(self):
        own = machine.identity(EPYC, "avx512", 2)
        self.assertEqual(machine.name(own), "AMD EPYC (family 26, model 2), with avx2 avx512f avx512_bf16, kernels avx512, 2 threads")
        older = machine.identity(EPYC.replace("26", "25").replace("avx512f avx512_bf16 ", ""), "avx2", 2)
        self.assertEqual(machine.name(older), "AMD EPYC (family 25, model 2), with avx2, kernels avx2, 2 threads")

    def test_a_processor_without_these_fields_has_a_name(self):
        self.assertRegex(machine.name(machine.identity("processor\t: 0\n", "baseline", 4)), r"^\w+, kernels baseline, 4 threads$")

    def test_limits_in_words(self):
        self.assertEqual(machine.words(LIMITS), "float32 peak 400 GFLOP/s (200 on one thread), triad 30 GB/s (20 on one thread)")

    def test_a_run_replaces_only_rows_of_its_own_machine(self):
        stored = {"a": {"x": 1, "y": 2}, "b": {"x": 3}}
        results.put(stored, "a", "x", 9)
        results.put(stored, "c", "x", 4)
        self.assertEqual(stored, {"a": {"x": 9, "y": 2}, "b": {"x": 3}, "c": {"x": 4}})


class LimitTests(unittest.TestCase):
    def test_the_highest_rates_of_all_runs_count(self):
        other = {"float32 peak": {"all_threads": 250, "one_thread": 260, "unit": "GFLOP/s"},
                 "bfloat16 peak": {"all_threads": 1600, "one_thread": 800, "unit": "GFLOP/s"}}
        self.assertEqual(machine.highest([LIMITS, other, LIMITS]), {
            **LIMITS, **other, "float32 peak": {"all_threads": 400, "one_thread": 260, "unit": "GFLOP/s"}})

    def test_work_is_compared_with_the_limits_of_its_threads_and_precision(self):
        limits = {**LIMITS, "bfloat16 peak": {"all_threads": 1600, "one_thread": 800, "unit": "GFLOP/s"}}
        computes, moves = figures(result(1), flops=100e9), figures(result(1), bytes=15e9)
        self.assertEqual(report.limit(row(), computes, limits), "25% of the peak")
        self.assertEqual(report.limit(row(threads=1), computes, limits), "50% of the peak")
        self.assertEqual(report.limit(row(), moves, limits), "50% of triad")
        narrow = {**computes, "precision": BFLOAT16}
        self.assertEqual(report.limit(row(), narrow, limits), "6% of the peak")

    def test_unknown_work_and_unknown_limits_are_left_empty(self):
        sgemm = {"sgemm of OpenBLAS": {"all_threads": 190, "one_thread": 97, "unit": "GFLOP/s"}}
        self.assertEqual(report.limit(row(), figures(result(1), flops=100e9, bytes=1e9), sgemm), "")
        self.assertEqual(report.limit(row(), figures(result(1)), LIMITS), "")


class RowTests(unittest.TestCase):
    def test_bfloat16_on_either_side_has_its_own_tolerance(self):
        wide, narrow = Form("a"), Form("b", precision=BFLOAT16)
        self.assertEqual(row().tolerances_for(wide), {"loss": 1e-3})
        self.assertEqual(row().tolerances_for(narrow), {"loss": 0.05})
        self.assertEqual(row(spec={"precision": BFLOAT16}).tolerances_for(wide), {"loss": 0.05})

    def test_every_row_checks_the_same_values_in_both_precisions(self):
        for each in all_rows():
            self.assertEqual(len({form.name for form in each.forms}), len(each.forms), each.name)
            for form in each.forms:
                self.assertEqual(each.tolerances_for(form).keys(), each.tolerances.keys(), each.name)

    def test_rows_that_differ_only_in_the_kits_precision_share_the_peers_work(self):
        rows = {each.name: each for each in all_rows()}
        works = {name: each.peers_work for name, each in rows.items() if f"{name}-bfloat16" in rows}
        self.assertGreater(len(works), 10)
        self.assertEqual(len(set(works.values())), len(works))
        for name, work in works.items():
            self.assertEqual(rows[f"{name}-bfloat16"].peers_work, work, name)

    def test_forms_of_pytorch(self):
        forms = torch_forms("autocast")
        self.assertEqual((len(forms), forms[0].name, forms[0].environment), (10, "PyTorch, contiguous", {}))
        narrow = [form.name for form in forms if form.precision == BFLOAT16]
        self.assertEqual(narrow, [f"PyTorch autocast to bfloat16, {words}, tuned malloc" for words in (
            "contiguous", "channels last", "compiled, contiguous", "compiled, channels last")])


class PageTests(unittest.TestCase):
    def test_a_result_in_bfloat16_shows_the_ratio_to_the_best_in_float32_too(self):
        own = figures(result(1.5, name="narrow", precision=BFLOAT16), result(2.5, name="wide"), flops=200e9)
        self.assertEqual(report.line(row(), own, LIMITS), "| The work | 1.00 s | 1.50 s, narrow | 1.50x (at least 2x) | 2.50 s, 2.50x, wide "
                                                  "| 1.50 s, 1.50x | 50% of the peak |")
        self.assertEqual(report.cell(row(), own, LIMITS), "1.50x (at least 2x), 2.50x in float32, 1.00 s, 50% of the peak")

    def test_a_result_in_float32_is_not_shown_twice(self):
        self.assertEqual(report.cell(row(), figures(result(2.5)), LIMITS), "**2.50x**, 1.00 s")
        self.assertEqual(report.cell(row(), figures(result(2.5), precision=BFLOAT16), LIMITS), "**2.50x**, 1.00 s in bfloat16")

    def test_noise_is_shown(self):
        self.assertEqual(report.cell(row(), figures(result(27, 0.4)), LIMITS), "27.00x, noisy (spread 40%), 1.00 s")
        self.assertEqual(report.cell(row(), figures(result(1, 0.4)), LIMITS), "1.00x (at least 2x), noisy (spread 40%), 1.00 s")
        own = figures(result(2, precision=BFLOAT16), result(3, 0.2, name="wide"))
        self.assertEqual(report.cell(row(), own, LIMITS), "**2.00x**, 3.00x in float32, noisy (spread 20%), 1.00 s")

    def test_one_column_for_each_machine(self):
        page = report.page([row(), row(name="unmeasured", title="Unmeasured work"), row(name="other", title="Other work")],
                           {"A": {"row": figures(result(3))}, "B": {"row": figures(result(1)), "other": figures(result(4))}, "C": {}})
        self.assertIn("| work | A | B |\n|---|---|---|\n| The work | **3.00x**, 1.00 s | 1.00x (at least 2x), 1.00 s |\n"
                      "| Other work |  | **4.00x**, 1.00 s |\n", page)
        self.assertNotIn("Unmeasured work", page)
        self.assertIn("## A\n", page)
        self.assertIn("## B\n", page)


if __name__ == "__main__":
    unittest.main()
