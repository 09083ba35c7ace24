"""Placeholder until the real matcher is written; overwrite this file."""


class PatternError(ValueError):
    pass


def check(p):
    pass


def mismatch(p, e):
    return None


def matches(p, e):
    return False
