"""A plain exchange in Python integers: detect, liquidate, fund, ADL, one round at a time.

Written from the design and the rules' docstrings; it shares no code with the engine, which is compared with it event by event.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from tests.oracle.backstop import Backstop, Request
from tests.oracle.books import MAKER, NANO, RING, SEATS, Account, Books, ceil_part, floor_part
from tests.oracle.deleveraging import RANKS_LOSERS, Candidate, Draw, allocate, candidates, in_proportion, light
from tests.oracle.markets import Book, Outside

NATURAL = {"pnl-pro-rata": "wealth"}
TOTALS = ("fees", "liquidations", "liquidated", "hits", "deleveraged", "haircut", "lights")


@dataclass
class Order:
    """A forced order: lots of a position that an engine wants to close this round."""

    account: Account
    contract: int
    want: int


class Exchange(Backstop):
    """One venue. `round` runs the waterfall of one round.

    Args:
        scenario: all tables resolved.
        books: the opening ledger.
        sizes: (lot, tick) of every contract.
        draw: (tick, round, number of the request) -> account identity -> uniform number, for the random policy.
    """

    def __init__(
        self, scenario: Mapping[str, Any], books: Books, sizes: list[tuple[float, float]], draw: Callable[[int, int, int], Draw]
    ) -> None:
        super().__init__(scenario, books)
        self.sizes, self.draw = sizes, draw
        self.space = self.adl.get("unit") or NATURAL.get(self.adl["policy"], "contracts")
        self.fee, self.fraction = round(self.rules["fee"] * NANO), round(self.rules["fraction"] * NANO)
        self.auction = round(self.rules["auction_s"] * 1000)
        self.levy, self.commission, self.spread = (round(self.adl[key] * NANO) for key in ("fee", "commission", "spread"))
        self.drains_below = round(self.adl.get("drains_below", 0) * NANO)
        self.left = {(c, side): NANO for c in range(len(books.units)) for side in (1, -1)}
        score = self.adl.get("score") if self.adl["policy"] == "queue" else None
        self.losers = self.adl["policy"] == "percolator-indices" or score in RANKS_LOSERS
        self.seats: dict[int, list[int]] = {}
        self.queue: list[Account] = []
        self.totals: dict[str, Counter[int]] = {name: Counter() for name in TOTALS}
        self.deficit = 0

    def detect(self) -> None:
        """Accounts of traders below their maintenance margin go into liquidation."""
        for account in self.books.accounts.values():
            if account.owner > 2 and account.state == "normal" and self.books.equity(account) < self.books.margin(account):
                account.state, account.orders, account.since = "liquidating", None, self.now
                self.queue.append(account)
                self.totals["liquidations"][account.owner] += 1
                self.reached["isolated" if account.isolated else "cross"] += 1
                self.reached["cross account with several positions"] += len(account.open) > 1

    def round(self, tick: int, number: int, elapsed: int, markets: list[Outside | Book]) -> None:
        """The waterfall of one round of `elapsed` ms."""
        self.markets, self.requests, self.promised = markets, [], 0
        self.ask_trigger()
        if self.queue:
            self.liquidate()
        self.unwind(elapsed)
        self.offer_excess()
        self.watch_pool()
        for place, request in enumerate(self.requests):
            self.deleverage(request, self.draw(tick, number, place))
        for request in self.requests:
            if request.account.owner > 2:
                self.absorb(request)
        self.queue = [account for account in self.queue if account.state != "normal"]
        self.repay()
        self.peak = max(self.peak, self.books.equity(self.fund))

    def liquidate(self) -> None:
        """Work the accounts in liquidation, worst margin ratio first: forced orders, then release, close or hand over."""
        books = self.books
        self.queue.sort(key=lambda account: (books.ratio(account), account.identity))
        for account in self.queue:
            if account.orders is None:
                account.orders = 0
                self.note("liquidation", account.owner, None, None, amount=books.equity(account))
        self.work(self.write_orders())
        for account in self.queue:
            equity, margin = books.equity(account), books.margin(account)
            if not account.open:
                self.finish(account)
            elif equity <= floor_part(margin, self.takeover, NANO):
                self.reached["taken over early"] += equity > 0
                self.hand_over(account)
            elif self.rules["engine"] != "full" and equity >= margin:
                account.state = "normal"
                self.reached["released"] += 1

    def write_orders(self) -> list[tuple[float, Order]]:
        """Forced orders with margin ratios. Equal ratios take turns: the largest position of each, then the second, and so on.

        An engine that works until the account is healthy orders the largest only.
        """
        orders = []
        for ratio, group in groupby(self.queue, key=self.books.ratio):
            turns = []
            for account in group:
                if self.books.equity(account) <= floor_part(self.books.margin(account), self.takeover, NANO):
                    continue
                contracts = self.books.largest_first(account)
                if self.rules["engine"] != "full":
                    contracts = [] if self.books.equity(account) >= self.books.margin(account) else contracts[:1]
                turns += [(turn, account.identity, Order(account, c, self.wanted(account, c))) for turn, c in enumerate(contracts)]
            orders += [(ratio, order) for _, _, order in sorted(turns, key=lambda each: each[:2])]
        return orders

    def wanted(self, account: Account, contract: int) -> int:
        """Lots that the liquidation engine wants to close."""
        lots, engine = abs(account.lots(contract)), self.rules["engine"]
        if engine == "slices" or (engine == "steps" and account.orders == 0):
            self.reached["step" if engine == "steps" else "slice"] += 1
            return ceil_part(lots, self.fraction, NANO)
        if engine == "partial":
            equity, margin = self.books.equity(account), self.books.margin(account)
            self.reached["part that heals"] += 0 < equity < margin
            return min(max(lots - max(equity, 0) // ceil_part(margin, 1, lots), 1), lots)
        if engine == "tiers":
            floor = self.books.tier_below(abs(self.books.value(contract, lots))).floor
            below = max(floor - 1, 0) // self.books.value(contract, 1)
            self.reached["tier down"] += 0 < below < lots
            return lots - below if 0 < below < lots else lots
        return lots

    def work(self, orders: list[tuple[float, Order]]) -> None:
        """Work the orders in turn, each down to its limit of the moment; equal neighbours share one average."""

        def terms(ratio: float, order: Order) -> tuple[Any, ...]:
            return ratio, order.contract, order.account.lots(order.contract) > 0, self.limit(order.account, order.contract)

        while orders:
            ratio, contract, long, limit = first = terms(*orders[0])
            size = 1
            while size < len(orders) and orders[size][0] == ratio and terms(*orders[size]) == first:
                size += 1
            batch, orders = [order for _, order in orders[:size]], orders[size:]
            self.reached["tie"] += size > 1
            self.sell(batch, contract, -1 if long else 1, limit)

    def limit(self, account: Account, contract: int) -> int:
        """The bankruptcy price; in an auction, as far on the way from the mark to it as its time has passed."""
        zero, mark, gone = self.books.bankruptcy_price(account, contract), self.books.marks[contract], self.now - account.since
        self.reached["auction"] += gone < self.auction
        return mark + floor_part(zero - mark, gone, self.auction) if gone < self.auction else zero

    def sell(self, batch: list[Order], contract: int, sign: int, limit: int) -> None:
        """Fill a batch at one average price, pro rata; what rounding leaves, one lot each in turn."""
        market, whole = self.markets[contract], sum(order.want for order in batch)
        done = min(whole, market.room(sign, limit))
        if done <= 0:
            return
        price = market.take(sign * done)
        price = max(price, limit) if sign < 0 else min(price, limit)
        shares = [order.want * done // whole for order in batch]
        left = done - sum(shares)
        for n, order in enumerate(batch):
            if left and shares[n] < order.want:
                shares[n], left = shares[n] + 1, left - 1
        for order, lots in zip(batch, shares, strict=True):
            if lots:
                self.execute(order, sign, lots, price)

    def execute(self, order: Order, sign: int, lots: int, price: int) -> None:
        """One forced fill against the maker, and its fee, which never costs more than what the price is better than bankruptcy."""
        account, contract, unit = order.account, order.contract, self.books.units[order.contract]
        zero = self.books.bankruptcy_price(account, contract)
        account.orders += 1
        self.reached["partial liquidation" if lots < abs(account.lots(contract)) else "full liquidation"] += 1
        self.books.cross(account, self.books.account(MAKER), contract, sign * lots, price)
        notional = lots * price * unit
        self.totals["liquidated"][account.owner] += notional
        self.note("liquidation", account.owner, 1, contract, lots=sign * lots, price=price, bankruptcy=zero)
        fee = min(ceil_part(notional, self.fee, NANO), abs(price - zero) * lots * unit)
        if fee > 0:
            self.books.move(account, self.fund, fee)
            self.earned[contract] += fee
            self.note("fund_gain", account.owner, 0, contract, amount=fee)
            self.reached["liquidation fee"] += 1

    def finish(self, account: Account) -> None:
        """An account without positions leaves liquidation: the fund's cash pays a deficit, the rest is written off; a surplus goes to the
        fund, or stays with the trader (in its wallet). The residue of an account closed at its bankruptcy prices is the fund's.
        """
        residue = account.state == "bankrupt" and self.adl["price"] not in ("mark", "previous-mark", "reference-spread")
        if account.open:
            return
        owner, balance, before = account.owner, account.balance, self.fund.balance
        if balance < 0:
            paid = min(-balance, max(self.fund.balance, 0))
            lost = -balance - paid
            if paid:
                self.books.move(self.fund, account, paid)
                self.note("fund_draw", owner, 0, None, amount=paid)
                self.reached["fund draw"] += 1
            if lost:
                account.balance += lost
                self.books.uncovered += lost
                self.note("uncovered_loss", owner, None, None, amount=lost)
                self.reached["uncovered loss"] += 1
        elif balance > 0 and (self.rules["surplus"] == "fund" or residue):
            self.books.move(account, self.fund, balance)
            self.note("fund_gain", owner, 0, None, amount=balance)
            self.reached["residue of a bankrupt account" if residue else "surplus to fund"] += 1
        elif balance > 0 and account.isolated:
            self.books.move(account, self.books.wallet(account), balance)
            self.reached["leftover to wallet"] += 1
        seats = self.seats[account.owner]
        self.earned[seats[max(account.identity % SEATS - 1, 0)]] += self.fund.balance - before
        account.state = "normal"

    def hand_over(self, account: Account) -> None:
        """A bankrupt account, position by position: the fund takes what its rule allows, the rest is for ADL."""
        if account.state != "bankrupt":
            account.state = "bankrupt"
            self.deficit += max(-self.books.equity(account), 0)
        margins = [self.books.margin_of(account, contract) for contract in account.open]
        self.reached["equal positions"] += len(set(margins)) < len(margins)
        for contract in self.books.largest_first(account):
            price = self.books.bankruptcy_price(account, contract)
            self.assign(account, contract, price, self.now)
            if not account.lots(contract):
                continue
            first = self.triggered or contract in self.beyond_limit
            if not first and self.fund_rules["rule"] == "pay":
                if self.pay(account, contract, price):
                    self.reached["waits for the market"] += 1
                    continue
            elif not first:
                while lots := self.carries(account, contract, price):
                    self.take(account, contract, lots, price)
                    if not account.lots(contract):
                        break
            if account.lots(contract):
                self.request(account, contract, abs(account.lots(contract)), price)
        self.finish(account)

    def deleverage(self, request: Request, draw: Draw) -> None:
        """Answer one request by the venue's policy."""
        if request.side:
            self.reduce(request, draw)
            return
        side = -1 if request.account.lots(request.contract) > 0 else 1
        if self.space == "wealth":
            if request.account is not self.fund:
                self.ring_fence(request, side, draw)
            return
        price = self.closing_price(request, side)
        queue = candidates(self.books, request.contract, side, self.adl, self.sizes[request.contract], self.losers)
        self.reached["empty queue"] += not queue
        sizes = [abs(c.lots) for c in queue]
        loss = side * (self.books.marks[request.contract] - price) * self.books.units[request.contract]
        caps = [min(size, c.equity // loss) if loss > 0 else size for size, c in zip(sizes, queue, strict=True)]
        self.reached["capped by equity"] += caps != sizes
        if self.adl["filter"] == "solvency-overlap":
            caps = [cap if cap == size else 0 for cap, size in zip(caps, sizes, strict=True)]
        chosen = allocate(self.adl["policy"], request.left, queue, sizes, caps, draw)
        whole = self.longs(request.contract)
        for c, lots in zip(queue, chosen, strict=True):
            if lots:
                self.close(request, c, lots, price)
        if queue and self.adl["policy"] == "percolator-indices":
            self.left[request.contract, side] = floor_part(self.left[request.contract, side], whole - sum(chosen), max(whole, 1))
            if request.account is not self.fund and not request.account.open:
                self.charge_side(request, side)

    def longs(self, contract: int) -> int:
        """Lots of all longs."""
        return sum(max(account.lots(contract), 0) for account in self.books.accounts.values())

    def owed(self, account: Account, covered: bool) -> int:
        """What a closed account owes, with `covered` beyond the fund's cash that is not promised to others of the round."""
        deficit = max(-account.balance, 0)
        paid = min(deficit, max(self.fund.balance - self.promised, 0)) if covered else 0
        self.promised += paid
        return deficit - paid

    def charge_side(self, request: Request, side: int) -> None:
        """What the closed account owes beyond the fund's cash falls on the side's contracts that are left."""
        owed = self.owed(request.account, covered=True)
        queue = candidates(self.books, request.contract, side, self.adl, self.sizes[request.contract], True)
        caps, lots = [c.equity for c in queue], [abs(c.lots) for c in queue]
        if owed > 0:
            given = caps if owed >= sum(caps) else in_proportion(owed, lots, caps, [c.id for c in queue])
            self.debit(request, queue, given)
            self.reached["deficit by index"] += 1

    def reduce(self, request: Request, draw: Draw) -> None:
        """Winners of the named side close at the mark against the maker; each gives up its part of the profit, in whole lots."""
        queue = candidates(self.books, request.contract, request.side, self.adl, self.sizes[request.contract], False)
        profits = [c.profit for c in queue]
        for c, part in zip(queue, allocate(self.adl["policy"], request.left, queue, profits, profits, draw), strict=True):
            if lots := part * abs(c.lots) // c.profit:
                self.close(request, c, lots, request.price)

    def closing_price(self, request: Request, side: int) -> int:
        """Price at which ADL closes the positions on `side`."""
        mark, kind = self.books.marks[request.contract], self.adl["price"]
        self.reached[f"price {kind}"] += 1
        if kind == "mark-capped":
            return min(mark, request.price) if side > 0 else max(mark, request.price)
        if kind == "bankruptcy-near-mark":
            return request.price if abs(request.price - mark) <= 0.05 * mark else mark
        if kind == "reference-spread":
            return max(mark + side * ceil_part(mark, self.spread, NANO), 1)
        return {"bankruptcy": request.price, "mark": mark, "previous-mark": self.books.before[request.contract]}[kind]

    def close(self, request: Request, c: Candidate, lots: int, price: int) -> None:
        """Cross lots of a request with a chosen trader, and tell it."""
        contract, account, unit = request.contract, c.account, self.books.units[request.contract]
        sign = -1 if c.lots > 0 else 1
        self.books.settle(account, contract)
        paid = self.books.fill(account, contract, sign * lots, price)
        before = self.fund.balance
        self.books.fill(request.account, contract, -sign * lots, price)
        self.earned[contract] += self.fund.balance - before
        request.left -= lots
        self.pay_for(request, c, lots * price * unit)
        haircut = (self.books.marks[contract] - price) * -sign * lots * unit
        self.charge(c, haircut, lots * self.books.value(contract, 1))
        self.tell(request, c, sign * lots, price, haircut, paid)
        if account.isolated and not account.lots(contract):
            self.books.move(account, self.books.wallet(account), account.balance)
            self.reached["isolated winner closed"] += 1

    def pay_for(self, request: Request, c: Candidate, notional: int) -> None:
        """The commission that the liquidated pays, and the fee of the deleveraged, both as far as there is equity."""
        commission = min(ceil_part(notional, self.commission, NANO), max(self.books.equity(request.account), 0))
        self.books.move(request.account, c.account, commission)
        if c.account.identity != MAKER:
            fee = min(ceil_part(notional, self.levy, NANO), max(self.books.equity(c.account), 0))
            c.account.balance -= fee
            self.books.fees += fee
            self.totals["fees"][c.account.owner] += fee
            self.reached["fee of the deleveraged"] += fee > 0
        self.reached["commission"] += commission > 0

    def tell(self, request: Request, c: Candidate, lots: int, price: int, haircut: int, paid: int) -> None:
        """The two rows of a hit: what it cost, and the notice of what was paid."""
        place = {"price": price, "bankruptcy": request.price, "rank": c.rank, "lights": c.lights, "score": c.score}
        for kind, amount in (("adl", haircut), ("notice", paid)):
            self.note(kind, c.account.owner, request.account.owner, request.contract, lots=lots, amount=amount, **place)

    def charge(self, c: Candidate, haircut: int, notional: int) -> None:
        """Count a hit."""
        owner = c.account.owner
        for name, amount in (("hits", 1), ("haircut", haircut), ("deleveraged", notional)):
            self.totals[name][owner] += amount
        self.totals["lights"][owner] = max(self.totals["lights"][owner], c.lights)
        self.reached[f"policy {self.adl['policy']} in {self.space}"] += 1
        self.reached[f"score {self.adl.get('score')}"] += 1
        self.reached["maker deleveraged"] += owner == MAKER // SEATS
        self.reached["loser deleveraged"] += c.profit <= 0

    def ring_fence(self, request: Request, side: int, draw: Draw) -> None:
        """Wealth space: the position moves to the ring-fenced account at the mark; an account's deficit, known once its last position
        has moved, is debited from the chosen winners.
        """
        books, account, contract = self.books, request.account, request.contract
        mark = books.marks[contract]
        lots, request.left = side * request.left, 0
        books.cross(account, books.account(RING), contract, lots, mark)
        self.note("takeover", account.owner, RING // SEATS, contract, lots=lots, price=mark, bankruptcy=request.price)
        self.reached["ring-fence"] += 1
        owed = 0 if account.open else self.owed(account, covered=self.fund_rules["rule"] == "cover")
        if not owed:
            return
        if self.adl["recall"] == "recoverable":
            self.reached["left open"] += 1
            return
        equity, both = self.adl["charge"] == "equity", self.adl["sides"] == "both"
        queue = candidates(books, contract, side, self.adl, self.sizes[contract], equity, both)
        if equity and not self.losers:
            for c in queue:
                c.lights = 1
            light([c for c in queue if c.profit > 0])
        caps = [c.equity if equity else max(min(c.profit, c.equity), 0) for c in queue]
        self.reached["both sides"] += both
        self.reached["equity charged"] += equity
        self.debit(request, queue, allocate(self.adl["policy"], owed, queue, caps, caps, draw))

    def debit(self, request: Request, queue: list[Candidate], given: list[int]) -> None:
        """Money that the chosen give."""
        for c, amount in zip(queue, given, strict=True):
            if amount:
                self.books.move(c.account, request.account, amount)
                self.charge(c, amount, 0)
                self.tell(request, c, 0, self.books.marks[request.contract], amount, -amount)

    def absorb(self, request: Request) -> None:
        """Lots that no candidate could take pass to the fund at the mark, whatever its capacity."""
        if request.left:
            self.take(request.account, request.contract, request.left, self.books.marks[request.contract])
            self.reached["absorbed at mark"] += 1
        self.finish(request.account)
