"""Reads the test cases of a run with one good clip and one bad one.

usage: read-junit.py FILE
"""

import sys

import junitparser

report = junitparser.JUnitXml.fromfile(sys.argv[1])
cases = {case.name: case for suite in report for case in suite}
assert (report.tests, report.failures, report.errors) == (2, 1, 0), report
assert set(cases) == {"instant-replay", "bad"}, cases
assert cases["instant-replay"].is_passed and isinstance(cases["bad"].result[0], junitparser.Failure)
assert cases["bad"].result[0].message, "a failure has its reason"
