"""Choose which repositories to verify now: those with the most tags expected to be stale. Pure.

A tag can be deleted without moving its repository's date; only reading the tags ("a look") finds
that. A crawl that may look at a few of many repositories should look where most has changed.

**The estimate.** For each repository, the silent changes found between two looks are counted, if
its date did not move, and the time between the looks is added up. Rates of change differ by orders
of magnitude, and most repositories were never seen to change, so a repository's own count is not
enough. The rates of all repositories are modelled as a mixture over a grid of rates, with the
weights that make the counts most likely (the nonparametric maximum likelihood of Kiefer and
Wolfowitz 1956, by the EM of Laird 1978, as an empirical Bayes prior: Robbins 1956; Koenker and
Mizera 2014). The rate of one repository is the mean of that mixture, given its own count. New
repositories get the same prior. If a single rate explains the counts as well as the mixture, it is
used for all, and the order depends on age alone. Old counts weigh less: half after `HALF_LIFE`.

A look because the date moved is free, since the crawl opens that repository anyway. How often this
happens is estimated too. The silent changes found by a free look are not counted, nor is its time,
because the date may have moved because a tag was deleted.

**The choice.** Let a repository have n tags, each of which changes silently at the rate v, and let
free looks come at the rate p. After the time t, c(t) = n (1 - exp(-v t)) of its tags are expected
to be stale. The long-run average of stale tags, plus a price m for each paid look, is least if one
looks at the age T at which

    W(T) = integral from 0 to T of (c(T) - c(s)) exp(-p s) ds = m

(renewal reward: the cycle ends at T or at the first free look, and the derivative of the average
by T is zero there). A given number of looks is divided best if the price is the same for all
repositories, so the crawl takes those with the greatest W: an index policy. For p = 0 and small v
W is (rate) x (age)^2 / 2, which gives looks in proportion to the square root of the rate; for one
tag it is the crawl value of Azar, Horvitz, Lubetzky, Peres and Shahaf, "Tractable near-optimal
policies for crawling", PNAS 2018, and of Kolobov, Peres, Lu and Horvitz, NeurIPS 2019; with free
looks it is a case of the signals of Busa-Fekete, Zimmert, György, Qiu, Sung, Shen, Choi,
Subramaniam and Xiao, "A scalable crawling algorithm utilizing noisy change-indicating signals",
WWW 2025: a moved date tells of pushes and of no deletion.

**The floor.** One look in eight goes to the repository that was not looked at for the longest time,
whatever its estimate. So nothing waits for longer than eight rounds, and wrong estimates get
corrected.

`benchmarks/freshness.py` compares all this with round robin and with the optimum.
"""

from __future__ import annotations

import heapq
import math
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from indexer.core.clock import is_believed
from indexer.core.humanize import count

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from indexer.core.model import ChangeRate

HALF_LIFE = timedelta(days=90)
"""A count loses half its weight in this time."""

FLOOR = 8
"""One look in so many goes to the repository that was not looked at for the longest time."""

PRIOR_CHANGES = 1.0
PRIOR_DAYS = 30.0
"""The assumption before anything was counted: one change in 30 days."""

RATES = 16
"""Number of points of the grid of rates."""

ROUNDS = 12
"""Iterations of EM; more make no difference that matters."""

MOST_FITTED = 500
"""The most repositories that the mixture is fitted to; of more, an even sample is used."""

EVIDENCE = 6.0
"""By how much the log-likelihood of the mixture must exceed that of a single rate."""

_DAY = 86_400.0


class Choice(NamedTuple):
    """A repository to look at, and the reason in words."""

    repository: str
    reason: str


def observed(before: ChangeRate, now: datetime, *, moved: bool, changed: int) -> ChangeRate:
    """The counts of a repository after a look at its tags.

    Args:
        before: the counts before.
        now: the time of the look.
        moved: its date had moved since the last look.
        changed: how many tags were found changed.
    """
    if before.seen_at is None:
        return before._replace(seen_at=now)
    seconds = max((now - before.seen_at).total_seconds(), 0.0)
    kept = 0.5 ** (seconds / HALF_LIFE.total_seconds())
    return before._replace(
        seen_at=now,
        silent=before.silent * kept + (0 if moved else changed),
        quiet=before.quiet * kept + (0.0 if moved else seconds),
        moves=before.moves * kept + moved,
        watched=before.watched * kept + seconds,
    )


class Rates:
    """The rates at which tags of some repositories change silently, in changes a day.

    Args:
        change_rates: the counts of each repository.
    """

    def __init__(self, change_rates: Sequence[ChangeRate]) -> None:
        every = [(each.silent, each.quiet / _DAY) for each in change_rates]
        counts = every[:: max(len(every) // MOST_FITTED, 1)]
        changes = sum(count for count, _ in counts) + PRIOR_CHANGES
        days = sum(time for _, time in counts) + PRIOR_DAYS
        mean = changes / days
        self._rates, self._weights = [mean], [1.0]
        most = max([10 * mean, *((count + 1) / (time + 1) for count, time in every)])
        least = mean / 300
        grid = [least * (most / least) ** (step / (RATES - 1)) for step in range(RATES)]
        likelihoods = [_likelihoods(count, time, grid) for count, time in counts]
        weights = _weights([scaled for scaled, _ in likelihoods])
        mixed = sum(top + math.log(_dot(weights, scaled)) for scaled, top in likelihoods)
        single = sum(count * math.log(mean) - mean * time for count, time in counts)
        if mixed - single >= EVIDENCE:
            self._rates, self._weights = grid, weights

    def of(self, watch: ChangeRate) -> float:
        """The expected rate of one repository, in changes a day, for all its tags together."""
        if len(self._rates) == 1:
            return self._rates[0]
        scaled, _ = _likelihoods(watch.silent, watch.quiet / _DAY, self._rates)
        likely = [weight * each for weight, each in zip(self._weights, scaled, strict=True)]
        return _dot(likely, self._rates) / sum(likely)


def choose(change_rates: Mapping[str, ChangeRate], number: int, now: datetime) -> list[Choice]:
    """Choose the repositories to look at, the greatest W first.

    Args:
        change_rates: the counts of each repository, by name.
        number: the most repositories to look at.
        now: the time.
    """
    if number >= len(change_rates):
        return [Choice(name, _why(watch, None, now)) for name, watch in change_rates.items()]
    rates = Rates(list(change_rates.values()))
    ages = {name: _age(watch, now) for name, watch in change_rates.items()}
    values = {}
    for name, watch in change_rates.items():
        values[name] = value(watch.tags, rates.of(watch), _free(watch), ages[name]), ages[name]
    share = (number + now.toordinal() % FLOOR) // FLOOR  # of a few, one on some days
    oldest = heapq.nlargest(share, ages, key=lambda name: (ages[name], name))
    rest = values.keys() - set(oldest)
    best = heapq.nlargest(number - share, rest, key=lambda name: (values[name], name))
    chosen = [Choice(name, _why(change_rates[name], rates, now)) for name in best]
    for place, name in enumerate(oldest):  # spread among the others, in case the crawl breaks off
        reason = f"{_seen(change_rates[name], now)}, longer ago than those of any other"
        chosen.insert(place * FLOOR, Choice(name, reason))
    return chosen


def stale(change_rates: Iterable[ChangeRate], now: datetime) -> float:
    """How many tags are expected to have changed silently since they were last read."""
    known = [watch for watch in change_rates if watch.seen_at is not None]
    rates = Rates(known)
    return sum(_stale(watch, rates, now) for watch in known)


def _stale(watch: ChangeRate, rates: Rates, now: datetime) -> float:
    if watch.tags == 0:
        return 0.0
    return watch.tags * -math.expm1(-rates.of(watch) / watch.tags * _age(watch, now))


def value(tags: int, rate: float, free: float, age: float) -> float:
    """W of the module's docstring.

    Args:
        tags: how many tags the repository has.
        rate: silent changes a day, of all its tags together.
        free: free looks a day.
        age: days since the last look.
    """
    if tags == 0 or math.isinf(age):
        return age if tags else 0.0
    each = rate / tags
    whole = -math.expm1(-(each + free) * age) / (each + free)
    looks = -math.expm1(-free * age) / free if free * age > 1e-9 else age  # noqa: PLR2004 - then they are the same
    return tags * (whole - math.exp(-each * age) * looks)


def _free(watch: ChangeRate) -> float:
    """Free looks a day; one day is added, to avoid extremes after a short time of watching."""
    return watch.moves / (watch.watched / _DAY + 1.0)


def _age(watch: ChangeRate, now: datetime) -> float:
    """Days since the last look; infinite if that is not known."""
    if watch.seen_at is None or not is_believed(watch.seen_at, now):
        return math.inf
    return max((now - watch.seen_at).total_seconds(), 0.0) / _DAY


def _why(watch: ChangeRate, rates: Rates | None, now: datetime) -> str:
    if rates is None or math.isinf(_age(watch, now)):
        return f"it is verified: {_seen(watch, now)}"
    number = _stale(watch, rates, now)
    return (
        f"{_seen(watch, now)}, and since then {number:.2g} of its {count(watch.tags, 'tag')} are "
        "expected to have changed silently"
    )


def _seen(watch: ChangeRate, now: datetime) -> str:
    days = _age(watch, now)
    if math.isinf(days):
        return "it is not known when its tags were last read"
    ago = count(round(days), "day") if days >= 2 else count(round(days * 24), "hour")  # noqa: PLR2004 - a matter of taste
    return f"its tags were last read {ago} ago"


def _likelihoods(count: float, time: float, rates: Sequence[float]) -> tuple[list[float], float]:
    """How likely a count is at each rate, scaled so that the greatest is 1, and its logarithm."""
    logs = [count * math.log(rate) - rate * time for rate in rates]
    top = max(logs)
    return [math.exp(each - top) for each in logs], top


def _weights(likelihoods: Sequence[Sequence[float]]) -> list[float]:
    """The weights of the mixture under which the counts are most likely."""
    weights = [1.0 / RATES] * RATES
    for _ in range(ROUNDS if likelihoods else 0):
        sums = [1e-3] * RATES  # keeps every weight above 0
        for likely in likelihoods:
            share = 1.0 / _dot(weights, likely)
            for index, each in enumerate(likely):
                sums[index] += weights[index] * each * share
        whole = sum(sums)
        weights = [each / whole for each in sums]
    return weights


def _dot(left: Sequence[float], right: Sequence[float]) -> float:
    return sum(map(float.__mul__, left, right))
