"""Runs other programs over the corpus that `cargo xtask bench pii` has written, and prints a table.

Presidio gets a pattern of its own for CPR and BSN with its words of context; python-stdnum validates
every run of digits and separators that could be a number, which is all a validation library can do.
"""

import json
import re
import sys
import time

from presidio_analyzer import Pattern, PatternRecognizer
from stdnum.dk import cpr
from stdnum.nl import bsn

CPR = PatternRecognizer(
    supported_entity="DK_CPR",
    patterns=[Pattern("cpr", r"\b(0[1-9]|[12]\d|3[01])(0[1-9]|1[0-2])\d{2}[- ]?\d{4}\b", 0.5)],
)
BSN = PatternRecognizer(
    supported_entity="NL_BSN", patterns=[Pattern("bsn", r"\b\d{9}\b|\b\d{4}\.\d{2}\.\d{3}\b", 0.3)]
)
RUN = re.compile(r"\d(?:[ .\-/]?\d){7,9}(?!\d)")


def presidio(text):
    found = CPR.analyze(text, ["DK_CPR"]) + (
        BSN.analyze(text, ["NL_BSN"]) if re.search("bsn|burgerservice|sofi", text, re.I) else []
    )
    return bool(found)


def stdnum(text):
    return any(
        cpr.is_valid(it) or bsn.is_valid(it)
        for it in (re.sub(r"\D", "", run) for run in RUN.findall(text))
    )


def main():
    with open(sys.argv[1], encoding="utf-8") as lines:
        corpus = [json.loads(line) for line in lines]
    groups = ["tuned", "held out", "negative"]
    print("| program | found of forms in view | of forms held out | flagged of no numbers | texts/s |")
    print("|---|---|---|---|---|")
    for name, flags in [("Presidio, pattern of its own", presidio), ("python-stdnum", stdnum)]:
        hits = {it: [0, 0] for it in groups}
        begun = time.process_time()
        for text in corpus:
            count = hits[text["group"]]
            count[0] += flags(text["text"])
            count[1] += 1
        rate = len(corpus) / (time.process_time() - begun)
        shares = " | ".join(f"{100 * hits[it][0] / hits[it][1]:.1f} %" for it in groups)
        print(f"| {name} | {shares} | {rate:,.0f} |")


main()
