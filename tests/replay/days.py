"""Invented days in Binance's formats: a fall of 13 % within a quarter of an hour, and a book around it."""

from datetime import UTC, datetime

import numpy as np

START_MS = round(datetime(2025, 3, 1, tzinfo=UTC).timestamp() * 1000)
LEVELS = (-5, -4, -3, -2, -1, 1, 2, 3, 4, 5)
HEADER = "open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,taker_buy_quote_volume,ignore"


def path(bars=72, bar_min=5, price=50_000.0, fall=0.13):
    """(close of every bar): level, a fall within a quarter of an hour in the middle, half of it back."""
    minutes = (np.arange(bars) + 1) * bar_min
    whole = bars * bar_min
    knots = [0, 0.5 * whole, 0.5 * whole + 15, whole]
    return price * np.interp(minutes, knots, [1.0, 1.0, 1 - fall, 1 - fall / 2])


def write_klines(file, closes, bar_min=5, start_ms=START_MS, skip=()):
    """A CSV of bars whose highs and lows lie a thousandth beyond open and close."""
    opens = np.concatenate((closes[:1], closes[:-1]))
    rows = [HEADER]
    for n, (first, last) in enumerate(zip(opens, closes, strict=True)):
        if n not in skip:
            time = start_ms + n * bar_min * 60_000
            high, low = 1.001 * max(first, last), 0.999 * min(first, last)
            rows.append(f"{time},{first:.2f},{high:.2f},{low:.2f},{last:.2f},0,{time + bar_min * 60_000 - 1},0,300,0,0,0")
    file.write_text("\n".join(rows) + "\n")
    return file


def write_depth(file, times_ms, price, depth=1000.0, phi=0.67, stuck=None):
    """A bookDepth CSV: depth x ** phi contracts within x % of the price; a `stuck` bid of 20 contracts moves the file's middle."""
    rows = ["timestamp,percentage,depth,notional"]
    rng = np.random.default_rng(1)
    for time, mid in zip(times_ms, price, strict=True):
        own = depth * (1 + 0.01 * rng.random())
        middle = mid if stuck is None else (stuck + mid) / 2
        for level in LEVELS:
            edge = middle * (1 + level / 100)
            x = max((mid - edge if level < 0 else edge - mid) / mid * 100, 0.0)
            amount = own * x**phi
            worth = amount * (mid + edge) / 2
            if level < 0 and stuck is not None:
                amount, worth = amount + 20.0, worth + 20.0 * stuck
            stamp = datetime.fromtimestamp(time / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")
            rows.append(f"{stamp},{level},{amount:.6f},{worth:.4f}")
    file.write_text("\n".join(rows) + "\n")
    return file
