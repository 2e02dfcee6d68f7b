"""Order events a second of other simulators, run by a Python that has them: `PYTHON benchmarks/peers.py` prints one JSON object.

PAMS: 100 agents of Chiarella, Iori and Perello for 600 steps; events are orders and executions, agents' decisions included. ABIDES: its
configuration rmsc04 until 9:45; events are messages of all kinds.
"""

import json
import time


def pams(seed: int) -> tuple[int, float]:
    """Orders and executions, seconds."""
    import random

    from pams.logs import Logger
    from pams.runners import SequentialRunner

    class Count(Logger):
        events = 0

        def write(self, log) -> None:
            self.events += type(log).__name__ in ("OrderLog", "ExecutionLog", "CancelLog")

        def bulk_write(self, logs) -> None:
            for log in logs:
                self.write(log)

    session = {
        "sessionName": 0, "iterationSteps": 600, "withOrderPlacement": True, "withOrderExecution": True, "withPrint": False,
        "maxNormalOrders": 1,
    }  # fmt: skip
    settings = {
        "simulation": {"markets": ["Market"], "agents": ["Agents"], "sessions": [session]},
        "Market": {"class": "Market", "tickSize": 0.00001, "marketPrice": 300.0},
        "Agents": {
            "class": "FCNAgent", "numAgents": 100, "markets": ["Market"], "assetVolume": 50, "cashAmount": 10_000,
            "fundamentalWeight": {"expon": [1.0]}, "chartWeight": {"expon": [0.0]}, "noiseWeight": {"expon": [1.0]},
            "meanReversionTime": {"uniform": [50, 100]}, "noiseScale": 0.001, "timeWindowSize": [100, 200], "orderMargin": [0.0, 0.1],
        },
    }  # fmt: skip
    logger = Count()
    runner = SequentialRunner(settings=settings, prng=random.Random(seed), logger=logger)
    runner._setup()
    start = time.process_time()
    runner._run()
    return logger.events, time.process_time() - start


def abides(seed: int) -> tuple[int, float]:
    """Messages, seconds."""
    from abides_core import abides as run
    from abides_markets.configs import rmsc04

    config = rmsc04.build_config(seed=seed, end_time="09:45:00", log_orders=False, book_logging=False)
    start = time.process_time()
    end = run.run(config)
    return end["kernel"].ttl_messages if "kernel" in end else end["ttl_messages"], time.process_time() - start


def main() -> None:
    """Measure what is installed."""
    found = {}
    for name, measure in (("PAMS", pams), ("ABIDES", abides)):
        try:
            found[name] = max(events / seconds for events, seconds in (measure(seed) for seed in range(3)))
        except ImportError:
            continue
    print(json.dumps(found))


if __name__ == "__main__":
    main()
