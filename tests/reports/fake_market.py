"""A crash in plain Python: an opening book, a scripted index, liquidations, takeovers, deleveraging.

A stage prop: one contract per trader, one round per tick, a price that follows forced sales by a rule of thumb.
"""

from __future__ import annotations

import math
import random

from tests.reports.fake_ledger import CONTRACTS, UNIT, Ledger, step

FUND, MAKER, MMR, FUNDING_TICKS = 0, 128, 10_000_000, 60
GROUPS = [
    ("crowd", 0.50, "isolated", 0.86, 16.0, "trend", "none"),
    ("scalpers", 0.20, "cross", 0.25, 7.0, "noise", "fixed"),
    ("swing", 0.15, "cross", 0.20, 4.0, "value", "ladder"),
    ("holders", 0.15, "isolated", 0.35, 10.0, "fixed-side", "trailing"),
]
_COUNTERS = ("deposits", "fees", "funding", "liquidations", "liquidated_notional", "adl_hits", "adl_notional", "haircut")
COUNTS = {**dict.fromkeys(_COUNTERS, 0), "lights_before": None}
PERSON = {"type": "trader", "leverage_rule": "fixed", "stop": "none", "reaction": "ignore", "signal": "", "profit_taking": "", **COUNTS}


class FakeRun:
    """One crash: an opening book, a scripted index, liquidations, takeovers, deleveraging."""

    def __init__(self, seed: int = 7, traders: int = 240, ticks: int = 300, crash: bool = True) -> None:
        self.rng, self.ticks, self.crash, self.seed = random.Random(seed), ticks, crash, seed
        self.ledger, self.people, self.events, self.series, self.hashes = Ledger(), [], [], [], []
        self.mark = [price for *_, price in CONTRACTS]
        self.displacement, self.inside, self.first = [0.0, 0.0], set(), {}
        self.marks: list[list[int]] = []
        self.open_book(traders)
        self.opening = self.opening_rows()
        self.fund_start = self.ledger.balance[FUND]
        self.net_deposits = sum(p["equity_start"] for p in self.people)
        self.open_interest_start = self.open_interest()

    def open_book(self, traders: int) -> None:
        ledger, sides = self.ledger, {}
        for account in (FUND, MAKER, 256):
            ledger.balance[account] = 0
        ledger.balance[MAKER] = 40_000_000 * 10**6
        kinds = [g for g in GROUPS for _ in range(round(g[1] * traders))]
        for k, (group, _, mode, long_share, leverage, signal, rule) in enumerate(kinds):
            owner, c = 3 + k, int(self.rng.random() < 0.3)
            equity = int(min(self.rng.lognormvariate(10.3, 1.5), 2e6) * 1e6)
            level = min(max(self.rng.lognormvariate(math.log(leverage), 0.5), 1.2), 60.0)
            side = 1 if self.rng.random() < long_share else -1
            sides.setdefault((c, side), []).append((owner, equity, level, mode == "isolated"))
            self.people.append(
                {**PERSON, "identity": owner, "group": group, "mode": mode, "signal": signal, "profit_taking": rule, "closes": []}
            )
        for c, (*_, price) in enumerate(CONTRACTS):
            longs, shorts = sides.get((c, 1), []), sides.get((c, -1), [])
            total = [sum(e * v for _, e, v, _ in side) for side in (longs, shorts)]
            target = min(total)
            for sign, side, own in ((1, longs, total[0]), (-1, shorts, total[1])):
                for owner, equity, level, isolated in side:
                    lots = int(equity * level * target / own / (price * UNIT[c]))
                    entry_price = int(price * (1 + self.rng.uniform(-0.02, 0.02)))
                    account = owner * 128 + isolated
                    ledger.position[account, c] = [sign * lots, sign * lots * entry_price * UNIT[c], 0]
                    margin = equity - sign * lots * (price - entry_price) * UNIT[c]
                    ledger.balance[owner * 128] = 0
                    ledger.balance[account] = margin
            rest = sum(p[0] for (_, k), p in ledger.position.items() if k == c)
            if rest:
                p = next(p for (_, k), p in ledger.position.items() if k == c and abs(p[0]) > abs(rest) and p[0] * rest > 0)
                p[1] -= rest * price * UNIT[c]
                p[0] -= rest
        self.people.insert(
            0,
            {**dict.fromkeys(PERSON), **COUNTS, "identity": 1, "type": "maker", "group": "maker", "mode": "cross", "closes": []},
        )
        ledger.balance[FUND] = self.open_interest() * 3 // 100
        for p in self.people:
            accounts = self.accounts(p["identity"])
            notional = sum(abs(q[0]) * self.mark[c] * UNIT[c] for (a, c), q in ledger.position.items() if a in accounts)
            p["equity_start"] = sum(ledger.equity(a, self.mark) for a in accounts)
            p["leverage_entry"] = p["leverage_peak"] = notional / p["equity_start"] if notional and p["equity_start"] > 0 else None

    def accounts(self, owner: int) -> list[int]:
        return [a for a in (owner * 128, owner * 128 + 1) if a in self.ledger.balance]

    def open_interest(self, skip: int = -1) -> int:
        return sum(p[0] * self.mark[c] * UNIT[c] for (a, c), p in self.ledger.position.items() if p[0] > 0 and a != skip)

    def opening_rows(self) -> list[tuple]:
        ledger = self.ledger
        rows = [(a, a // 128, -1, b, 0, 0, 0) for a, b in ledger.balance.items()]
        rows += [(a, a // 128, c, 0, *p) for (a, c), p in ledger.position.items() if p[0]]
        return sorted(rows)

    def person(self, account: int) -> dict:
        return next(p for p in self.people if p["identity"] == account // 128)

    def log(
        self,
        kind: str,
        c: int,
        account: int | None = None,
        counterparty: int | None = None,
        lots: int = 0,
        price: int | None = None,
        amount: int | None = None,
        **more: float,
    ) -> None:
        name, tick, lot, _ = CONTRACTS[c]
        trader = None if account is None else account // 128
        row = {
            "tick": self.ledger.tick,
            "round": 0,
            "time": (self.ledger.tick + 1) * 60_000,
            "kind": kind,
            "trader": trader,
            "contract": name,
        }
        row |= {"counterparty": counterparty, "quantity": lots * lot, "price": None if price is None else price * tick}
        row |= {"mark": self.mark[c] * tick, "bankruptcy_price": None, "score": None, "rank": None, "lights": None, "amount": amount}
        self.events.append({**row, **more})
        self.first.setdefault(kind, self.ledger.tick)

    def run(self) -> FakeRun:
        chain = 0
        for tick in range(self.ticks):
            self.ledger.tick = tick
            flow = [[0, 0, 0], [0, 0, 0]]
            index = self.move(tick)
            self.voluntary(flow)
            if (tick + 1) % FUNDING_TICKS == 0:
                self.fund_longs()
            for c in range(len(CONTRACTS)):
                self.liquidate(c, flow[c])
            self.marks.append(list(self.mark))
            fund = self.ledger.equity(FUND, self.mark)
            for c, (name, size, lot, _) in enumerate(CONTRACTS):
                oi = [
                    sum(p[0] * self.mark[c] * UNIT[c] for (a, k), p in self.ledger.position.items() if k == c and p[0] > 0 and a != skip)
                    for skip in (-1, MAKER)
                ]
                depth = 40.0 / lot / (1000 if c == 0 else 100) / (1 + self.displacement[c] * 10)
                last = self.mark[c] * size * (1 - 0.1 * self.displacement[c])
                prices = (index[c] * size, self.mark[c] * size, last, self.mark[c] / index[c] - 1)
                self.series.append((tick, name, *prices, 1e-4, depth, depth * 1.3, *oi, fund, self.ledger.balance[FUND], *flow[c]))
            ledger_hash = self.ledger.hash()
            if (tick + 1) % 100 == 0 or tick == self.ticks - 1:
                chain = step(chain, ledger_hash)
            self.hashes.append((tick, ledger_hash, chain))
        return self

    def move(self, tick: int) -> list[float]:
        shock = 0.10 * min(max((tick - 60) / 25, 0.0), 1.0) * math.exp(-max(tick - 90, 0) / 400) if self.crash else 0.0
        index = []
        for c, (*_, start) in enumerate(CONTRACTS):
            wave = 0.004 * math.sin(tick / 23 + c) + 0.0006 * self.rng.gauss(0, 1)
            index.append(start * (1 + wave - shock * (1 + 0.25 * c)))
            self.displacement[c] *= 0.7
            self.mark[c] = round(index[c] * (1 - self.displacement[c]))
        return index

    def voluntary(self, flow: list[list[int]]) -> None:
        ledger = self.ledger
        live = [k for k, p in ledger.position.items() if p[0] and k[0] >= 384 and k[0] not in self.inside]
        for account, c in self.rng.sample(live, min(3, len(live))):
            lots = ledger.position[account, c][0]
            change = -max(1, abs(lots) // 12) * (1 if lots > 0 else -1) * self.rng.choice((1, 1, -1))
            ledger.trade(1, account, MAKER, c, change, self.mark[c])
            flow[c][0] += abs(change) * self.mark[c] * UNIT[c]
        if self.rng.random() < 0.15 and live:
            account, c = self.rng.choice(live)
            amount = self.rng.randrange(1, 500) * 10**6 + 7
            ledger.pay(10, None, account // 128 * 128, amount)
            ledger.deposits += amount
            self.person(account)["deposits"] += amount
            if account % 128:
                ledger.pay(12, account // 128 * 128, account, amount)
            elif self.rng.random() < 0.5:
                ledger.pay(11, account, None, amount // 3)
                ledger.deposits -= amount // 3
                self.person(account)["deposits"] -= amount // 3

    def fund_longs(self) -> None:
        for c in range(len(CONTRACTS)):
            change = self.mark[c] * UNIT[c] * 100_000 // 10**9
            self.ledger.event += 1
            self.ledger.post(14, -1, c, lotsf=change)
            self.log("funding", c, amount=change * sum(p[0] for (_, k), p in self.ledger.position.items() if k == c and p[0] > 0))

    def liquidate(self, c: int, flow: list[int]) -> None:
        ledger, mark, unit = self.ledger, self.mark[c], UNIT[c]
        depth = self.open_interest_start // (90 * mark * unit)
        for (account, k), (lots, entry, lotsf) in sorted(ledger.position.items()):
            if k != c or not lots or account < 384:
                continue
            if account not in self.inside:
                if ledger.equity(account, self.mark) >= abs(lots) * mark * unit * MMR // 10**9:
                    continue
                self.inside.add(account)
                self.person(account)["liquidations"] += 1
                self.log("liquidation", c, account)
            loss = entry + lots * ledger.index[c] - lotsf - ledger.balance[account]
            bankrupt = -(-loss // (lots * unit)) if lots > 0 else loss // (lots * unit)
            if (mark - bankrupt) * (1 if lots > 0 else -1) >= 0:
                self.sell(account, c, bankrupt, min(abs(lots), depth), flow)
                depth -= min(abs(lots), depth)
            else:
                self.hand_over(account, c, bankrupt, flow)
            if ledger.position[account, c][0] == 0:
                self.close(account, c)

    def sell(self, account: int, c: int, bankrupt: int, size: int, flow: list[int]) -> None:
        if not size:
            return
        lots = self.ledger.position[account, c][0]
        change = -size if lots > 0 else size
        price = self.mark[c] + (self.mark[c] // 400 if lots < 0 else -self.mark[c] // 400)
        self.ledger.trade(2, account, MAKER, c, change, price)
        notional = size * price * UNIT[c]
        self.log("liquidation", c, account, 1, change, price, bankruptcy_price=bankrupt * CONTRACTS[c][1])
        self.person(account)["liquidated_notional"] += notional
        flow[0], flow[1] = flow[0] + notional, flow[1] + notional
        self.displacement[c] += 0.9 * notional / self.open_interest_start * (1 if lots > 0 else -1)

    def hand_over(self, account: int, c: int, bankrupt: int, flow: list[int]) -> None:
        ledger, size = self.ledger, CONTRACTS[c][1]
        lots = ledger.position[account, c][0]
        equity = ledger.equity(FUND, self.mark)
        carried = sum(abs(p[0]) * self.mark[k] * UNIT[k] for k, p in ledger.held(FUND))
        room = max(0, equity - carried) // (self.mark[c] * UNIT[c])
        take = min(abs(lots), room)
        if take:
            change = -take if lots > 0 else take
            ledger.trade(3, account, FUND, c, change, bankrupt, fee=False)
            self.log("takeover", c, account, 0, change, bankrupt, bankruptcy_price=bankrupt * size)
        if take == abs(lots):
            return
        self.log("adl_trigger", c, account, amount=equity)
        queue = []
        for (a, k), p in ledger.position.items():
            gain = p[0] * self.mark[c] * UNIT[c] - p[1]
            own = ledger.equity(a, self.mark)
            if k == c and a >= 384 and a not in self.inside and p[0] * lots < 0 < gain and own > 0:
                score = gain / abs(p[1]) * abs(p[0]) * self.mark[c] * UNIT[c] / own
                queue.append((-score, a))
        queue.sort()
        total = sum(abs(ledger.position[a, c][0]) for _, a in queue)
        ahead = 0
        for rank, (score, a) in enumerate(queue, 1):
            left = ledger.position[account, c][0]
            if not left:
                return
            held = abs(ledger.position[a, c][0])
            ahead += held
            lights = 6 - -(-5 * ahead // total)
            change = min(held, abs(left)) * (1 if left > 0 else -1)
            ledger.trade(4, account, a, c, -change, bankrupt, fee=False)
            closed, person = -change, self.person(a)
            haircut = (self.mark[c] - bankrupt) * closed * UNIT[c]
            self.log(
                "adl",
                c,
                a,
                account // 128,
                change,
                bankrupt,
                haircut,
                bankruptcy_price=bankrupt * size,
                score=-score,
                rank=rank,
                lights=lights,
            )
            notional = abs(change) * bankrupt * UNIT[c]
            person.update(
                adl_hits=person["adl_hits"] + 1,
                adl_notional=person["adl_notional"] + notional,
                haircut=person["haircut"] + haircut,
                lights_before=max(lights, person["lights_before"] or 0),
            )
            person["closes"].append((ledger.tick, c, closed, bankrupt))
            flow[2] += notional

    def close(self, account: int, c: int) -> None:
        """Nothing is left of the position: the surplus goes to the fund, a hole is paid by it or written off."""
        ledger, rest = self.ledger, self.ledger.balance[account]
        self.inside.discard(account)
        if rest > 0:
            ledger.pay(7, account, FUND, rest)
            self.log("fund_gain", c, account, amount=rest)
        elif rest < 0:
            paid = -rest * 9 // 10
            ledger.pay(8, FUND, account, paid)
            self.log("fund_draw", c, account, amount=paid)
            if rest + paid < 0:
                ledger.event += 1
                ledger.post(9, account, balance=-rest - paid)
                ledger.uncovered += -rest - paid
                self.log("uncovered_loss", c, account, amount=-rest - paid)
