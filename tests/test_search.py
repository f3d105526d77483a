"""The search for a recipe: its tool runs, and its table holds what it says."""

import dataclasses
import itertools
import json
import math

import numpy as np
import pytest

from tools.search import BASES, RESULTS, Idea, main, parse_changes, train

ROWS = [json.loads(line) for line in RESULTS.read_text("utf-8").splitlines()]
SMALL = {"g_width": 8, "d_width": 4, "batch": 8, "latent": 8, "clusters": 10, "codes": 5}


def test_every_row_says_what_was_run_and_what_came_out():
    names = {field.name for field in dataclasses.fields(Idea)}
    assert ROWS
    for row in ROWS:
        assert row["idea"].keys() == names
        assert row["changes"].keys() <= names and row["idea"]["league"] in BASES
        assert all(row["idea"][name] == value for name, value in row["changes"].items())
        numbers = [value for value in row.values() if isinstance(value, int | float)]
        assert len(numbers) > 15 and all(map(math.isfinite, numbers))
        assert 0 <= row["recall"] < 1 and 0 <= row["finding"] < row["seconds"]


@pytest.mark.parametrize(
    "changes",
    [
        {"league": "labels", "r1": 0.1, "every": 2, "replicas": 2},
        {"league": "found", "loss": "hinge", "r1": 0.0, "one_pass": True, "finder": "upright"},
        {"league": "found", "shared": True, "teach": 1.0, "g_norm": "conditional", "g_end": 4},
        {"league": "none", "simultaneous": True, "every": 2, "discriminator": "strided-hidden"},
        {"league": "labels", "reuse": "both", "cells": "gd", "g_end": 2},
    ],
    ids=["labels", "found", "found, taught", "none", "reused, in cells"],
)
def test_an_idea_is_trained_for_its_time(changes, monkeypatch):
    ticks = itertools.count()
    monkeypatch.setattr("tools.search.time.perf_counter", lambda: next(ticks) / 10)
    rng = np.random.default_rng(0)
    images = rng.uniform(-1, 1, (400, 28, 28, 1)).astype("float32")
    idea = Idea(**(SMALL | changes))
    draw, took = train(idea, images, np.arange(400) % 10, seed=1, seconds=2.0)
    made = draw(30, 2)
    assert made.shape == (30, 28, 28, 1) and np.abs(made).max() <= 1
    np.testing.assert_array_equal(made, draw(30, 2))
    # Three ticks pass from one chunk to the next, and some before the first and after the last.
    assert took["steps"] == 6 * idea.steps_per_execution and 2.0 <= took["seconds"] <= 2.3


def test_changes_have_the_types_of_an_idea_s_parts():
    words = ["jit=True", "rate=0.5", "loss=hinge", "d_width=3"]
    assert parse_changes(words) == {"jit": True, "rate": 0.5, "loss": "hinge", "d_width": 3}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("width=3", "no part of an idea is named 'width'; there are "),
        ("jit=true", "jit must be True or False; given 'true'"),
        ("d_width=3.5", "invalid literal for int"),
        ("finder=planes", "finder must be one of ['plain', 'spectral', 'upright']; given 'planes'"),
    ],
)
def test_a_mistaken_change_is_refused_before_anything_is_trained(
    change, message, monkeypatch, capsys
):
    monkeypatch.setattr("sys.argv", ["search", "labels", change])
    with pytest.raises(SystemExit):
        main()
    assert message in capsys.readouterr().err


def test_a_time_that_is_over_before_the_first_step_is_told():
    images = np.zeros((40, 28, 28, 1), "float32")
    with pytest.raises(ValueError, match="0 seconds were over before the first step"):
        train(Idea(**SMALL), images, np.arange(40) % 10, seed=1, seconds=0.0)
