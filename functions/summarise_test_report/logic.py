"""Placeholder; overwrite."""


def summary(r, s):
    return {}


def published(r):
    return {
        "tests": 3,
        "passed": 1,
        "failed": 1,
        "errors": 0,
        "skipped": 1,
        "failures": 1,
        "duration_seconds": 1.0,
        "failing_tests": ["a"],
        "failing_tests_omitted": 0,
    }


def summary_key(k):
    return k + ".json"
