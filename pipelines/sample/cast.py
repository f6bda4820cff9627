"""Who is in charge of the invented tasks, so that the numbers per agency come out as published.

What belongs here: leads and coordinators. What does not: dates and progress (`courses.py`).
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

# Tasks of NQ71+KL that involve each central agency (published for the first five, no other above).
_INVOLVED = {
    "BKHCN": 297, "BTC": 175, "BCA": 163, "BGDDT": 138, "BNNMT": 129,
    "BNV": 124, "BCT": 121, "BXD": 118, "BYT": 115, "BTP": 112, "VPCP": 110, "BVHTTDL": 108,
    "BQP": 106, "BNG": 98, "NHNN": 97, "VHLKHCN": 95, "TTCP": 93, "BDTTG": 92, "VHLKHXH": 88,
    "VTV": 86, "VOV": 85, "TTXVN": 84,
}  # fmt: skip
_CITIES_ALONE = {"P01": 22, "P79": 24}
# Group, tasks of NQ71+KL that it leads, tasks that it coordinates: one task in eight names one.
_GROUP_TASKS = (
    ("G-ALL", 40, 16),
    ("G-CENTRAL", 8, 6),
    ("G-PROVINCES", 10, 6),
    ("G-CITIES", 4, 2),
)
_PROGRAMME_TASKS = 679
_PLAN_GROUPS = ("G-PROVINCES", "G-PROVINCES", "G-PROVINCES", "G-ALL", "G-ALL", "G-CENTRAL")
_PLAN_TASKS = 70
_MOST_AGENCIES = 6


@dataclass(frozen=True)
class Cast:
    """Codes of those in charge, agencies or groups, the first lead first."""

    leads: tuple[str, ...]
    coordinators: tuple[str, ...]


def programme_casts(rng: random.Random, members: Mapping[str, Sequence[str]]) -> list[Cast]:
    """One cast for each of the 679 tasks of NQ71+KL."""
    casts, quotas = _group_casts(rng, members)
    casts += _ordinary_casts(rng, quotas, _PROGRAMME_TASKS - len(casts))
    rng.shuffle(casts)
    return casts


def plan_casts(rng: random.Random, members: Mapping[str, Sequence[str]]) -> list[Cast]:
    """One cast for each of the 70 tasks of Plan 02."""
    casts = [Cast((group,), ("BCA",) if group == "G-PROVINCES" else ()) for group in _PLAN_GROUPS]
    while len(casts) < _PLAN_TASKS:
        chosen = rng.sample(members["G-CENTRAL"], rng.randint(1, 4))
        casts.append(
            _split(rng, [*chosen, *rng.sample(members["G-PROVINCES"], len(casts) % 3 // 2)])
        )
    rng.shuffle(casts)
    return casts


def _group_casts(
    rng: random.Random, members: Mapping[str, Sequence[str]]
) -> tuple[list[Cast], dict[str, int]]:
    """Casts that name a group, and how many further tasks each agency must be in."""
    central = members["G-CENTRAL"]
    quotas = {agency: _INVOLVED[agency] for agency in central}
    quotas |= {p: _CITIES_ALONE.get(p, rng.randint(2, 6)) for p in members["G-PROVINCES"]}
    casts: list[Cast] = []
    for group, led, coordinated in _GROUP_TASKS:
        for number in range(led + coordinated):
            agency = central[number % len(central)]
            if number >= led:
                casts.append(Cast((agency,), (group,)))
            elif number % 2 and group != "G-CENTRAL":
                casts.append(Cast((group,), (agency,)))
            else:
                casts.append(Cast((group,), ()))
    for cast in casts:
        # An agency named beside its own group is in the task once.
        named = {
            agency
            for code in cast.leads + cast.coordinators
            for agency in members.get(code, (code,))
        }
        for agency in named & set(central):
            quotas[agency] -= 1
    return casts, quotas


def _ordinary_casts(rng: random.Random, quotas: Mapping[str, int], tasks: int) -> list[Cast]:
    """Casts of single agencies that use up every quota; the longest quota chooses first."""
    room = [1] * tasks
    for _ in range(sum(quotas.values()) - tasks):
        room[rng.choice([i for i, size in enumerate(room) if size < _MOST_AGENCIES])] += 1
    chosen: list[list[str]] = [[] for _ in range(tasks)]
    for agency in sorted(quotas, key=lambda code: (-quotas[code], code)):
        order = sorted(range(tasks), key=lambda i: (len(chosen[i]) - room[i], rng.random()))
        for task in order[: quotas[agency]]:
            chosen[task].append(agency)
    return [_split(rng, agencies) for agencies in chosen]


def _split(rng: random.Random, agencies: list[str]) -> Cast:
    """Mostly one lead; with more agencies two or three of them now and then."""
    rng.shuffle(agencies)
    chance = rng.random()
    leads = (
        3 if chance < 0.05 and len(agencies) > 3 else 2 if chance < 0.2 and len(agencies) > 2 else 1
    )
    return Cast(tuple(agencies[:leads]), tuple(agencies[leads:]))
