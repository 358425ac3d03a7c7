"""Reads the numbers of a run with one good clip and one bad one.

usage: read-metrics.py FILE
"""

import sys

from prometheus_client.parser import text_string_to_metric_families

with open(sys.argv[1], encoding="utf-8") as file:
    families = {family.name: family for family in text_string_to_metric_families(file.read())}
assert all(family.type == "gauge" and family.documentation for family in families.values()), families
clips = {sample.labels["state"]: sample.value for sample in families["clipship_clips"].samples}
assert clips["failed"] == 1 and clips["ready"] == 1, clips
assert families["clipship_last_run_exit_code"].samples[0].value == 1
assert families["clipship_last_run_duration_seconds"].samples[0].value >= 0
