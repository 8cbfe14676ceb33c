"""Whether what happened to one key can be told as one thing after another.

A history is linearizable (Herlihy and Wing, 1990) where every operation can be given one moment between its call and its
return so that, in the order of these moments, each read finds what was written last. The search is that of Wing and Gong
(1993), with a memory of what was tried (Lowe, 2017).
"""

import dataclasses
import typing


@dataclasses.dataclass(frozen=True)
class Operation:
    kind: str  # "write" or "read"
    value: typing.Any  # what was written or found; None is nothing: to write that is to erase
    called: int
    returned: int | None  # None: nobody heard how a write ended; it may have happened, at any time since, or never
    repeats: int = 0  # so many times more a write may have happened meanwhile: its sender asked again


class NotLinearizable(AssertionError):
    """No order explains what was found."""


class Undecided(AssertionError):
    """The search took more than is sensible: the history leaves too much open. It proves nothing."""


MOST_STATES = 200_000  # less than a minute, and a few hundred MiB


def check(history: list[Operation], initial=None) -> None:
    """Raises NotLinearizable, with the operations around the place where the longest explanation ends."""
    _Search(history).run(initial)


def _end(operation):
    return float("inf") if operation.returned is None else operation.returned


def _first_left(done):
    return (~done & done + 1).bit_length() - 1


class _Search:
    """A state is what was told so far, a bit for each operation, and the value that is there after it."""

    def __init__(self, history):
        read = {operation.value for operation in history if operation.kind == "read"}
        # What need not have happened did not where nobody found it.
        entries = [(o, False) for o in history if o.returned is not None or o.value in read]
        entries += [(o, True) for o in history if o.value in read for _ in range(o.repeats)]
        entries.sort(key=lambda entry: (entry[0].called, entry[1]))
        self.operations = [operation for operation, _ in entries]
        self.answered = sum(1 << i for i, (o, again) in enumerate(entries) if o.returned is not None and not again)
        first = {id(operation): i for i, (operation, again) in enumerate(entries) if not again}
        self.after = [first[id(operation)] if again else None for operation, again in entries]
        self.told = {}  # what was tried: for all that must have happened, which else did
        self.of = {}  # the reads and the writes of each value
        for i, operation in enumerate(self.operations):
            masks = self.of.setdefault(operation.value, {"read": 0, "write": 0})
            masks[operation.kind] |= 1 << i

    def run(self, initial):
        best, branches, looked = 0, [self._with_reads(0, initial)], 0
        while branches:
            done, value = branches.pop()
            if (looked := looked + 1) > MOST_STATES:
                raise Undecided(f"{len(self.operations)} operations, {len(branches)} ways left")
            if done & self.answered == self.answered:
                return
            best = max(best, done, key=lambda mask: (mask & self.answered).bit_count())
            if self._is_needed(done, value):
                continue
            for i in self._writes(done):
                state = self._with_reads(done | 1 << i, self.operations[i].value)
                if self._is_news(*state):
                    branches.append(state)
        raise NotLinearizable("\n".join(str(self.operations[i]) for i in self._next(best)))

    def _is_news(self, done, value):
        """Not where the same was told with less of what need not have happened: from there everything is possible."""
        spent = done & ~self.answered
        known = self.told.setdefault((done & self.answered, value), [])
        if any(less & spent == less for less in known):
            return False
        known.append(spent)
        return True

    def _writes(self, done):
        """Those that may come next, what is most likely last. What need not happen comes only where somebody is left
        to find it, and of equal ones that which ends first: the others can still come later."""
        needed, optional = [], {}
        for i in self._next(done):
            operation = self.operations[i]
            if operation.kind == "read":
                continue
            if self.answered >> i & 1:
                needed.append(i)
            elif self.of[operation.value]["read"] & ~done and self._is_second(i, done):
                best = optional.setdefault(operation.value, i)
                if _end(operation) < _end(self.operations[best]):
                    optional[operation.value] = i
        return [*optional.values(), *sorted(needed, key=lambda i: self.operations[i].returned, reverse=True)]

    def _is_second(self, i, done):
        """A repetition comes after what it repeats: told the other way round, it would be the same."""
        return self.after[i] is None or done >> self.after[i] & 1

    def _is_needed(self, done, value):
        """Whether somebody still has to find the value, which no write brings back: then nothing may replace it."""
        masks = self.of.get(value, {"read": 0, "write": 0})
        return masks["read"] & ~done and not masks["write"] & ~done

    def _next(self, done):
        """The operations that may come next: those that were called before any that is left returned."""
        found, limit = [], None
        latest = self._latest(done)
        for i in range(_first_left(done), len(self.operations)):
            operation = self.operations[i]
            if limit is not None and operation.called > limit:
                break  # they are in the order of their calls
            if done >> i & 1 or _end(operation) < latest:
                continue  # told, or a repetition that comes too late
            found.append(i)
            if self.answered >> i & 1:
                limit = operation.returned if limit is None else min(limit, operation.returned)
        return [i for i in found if limit is None or self.operations[i].called <= limit]

    def _with_reads(self, done, value):
        """Reads that find what is there can come at once: nothing else gets any harder to explain."""
        while True:
            reads = [i for i in self._next(done)
                     if self.operations[i].kind == "read" and self.operations[i].value == value]
            if not reads:
                return self._without_the_late(done), value
            for i in reads:
                done |= 1 << i

    def _without_the_late(self, done):
        """As told: what need not have happened and cannot any more, or what nobody is left to find."""
        latest = self._latest(done)
        for i in range(_first_left(done), done.bit_length()):
            if (done | self.answered) >> i & 1:
                continue
            operation = self.operations[i]
            if _end(operation) < latest or not self.of[operation.value]["read"] & ~done:
                done |= 1 << i
        return done

    def _latest(self, done):
        return self.operations[done.bit_length() - 1].called if done else float("-inf")
