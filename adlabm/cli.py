"""The command line: thin, and everything heavy is imported inside the commands."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from adlabm.errors import AdlabmError
from adlabm.terminal import Progress, print_json, print_report, print_values

app = typer.Typer(
    name="adlabm",
    help="A laboratory for auto-deleveraging on perpetual-futures exchanges.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Json = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]
data_app = typer.Typer(name="data", help="Data files: what is needed, and whether a file is sound.", no_args_is_help=True)
app.add_typer(data_app)
calibrate_app = typer.Typer(name="calibrate", help="Parameters of a scenario from data.", no_args_is_help=True)
app.add_typer(calibrate_app)

MOST_LINES = 1000
"""ADLs that `adlabm run` prints; the table of events holds them all."""
Out = Annotated[Path | None, typer.Option("--out", help="Folder for the results; refused when it holds something else.")]


@app.command()
def demo(out: Annotated[Path, typer.Option("--out", help="Folder for the report.")] = Path("adlabm-demo")) -> None:
    """The crash of 10 October 2025 in miniature: who was liquidated, who was deleveraged, and one HTML report."""
    from adlabm.reports.demo import demo as tell

    with Progress(True) as progress:
        text, _ = tell(out, progress)
    typer.echo(text)


@app.command()
def run(
    scenario: Annotated[str, typer.Argument(help="Name of a scenario (adlabm list scenarios), or a TOML file.")],
    seed: Annotated[int, typer.Option("--seed", min=0, help="Same scenario, same seed, same events.")] = 0,
    sets: Annotated[list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Change one key, e.g. fund.share=0.05.")] = None,
    out: Out = None,
    check: Annotated[bool, typer.Option("--check", help="Check every promise at every event and keep a journal.")] = False,
    as_json: Json = False,
) -> None:
    """Simulate one scenario and print its summary."""
    import adlabm

    with Progress(not as_json) as progress:
        result = adlabm.run(scenario, seed=seed, sets=sets or (), out=out, check=check, progress=progress)
    if as_json:
        print_json(result.summary)
        return
    print_values(scenario, result.summary)
    for line in [*result.notes, *_every_adl(result)]:
        typer.echo(line)
    if result.out is not None:
        typer.echo(f"Results: {result.out}")


@app.command()
def sweep(
    study: Annotated[str | None, typer.Argument(help="Name of a study (adlabm list studies), or its study.toml.")] = None,
    jobs: Annotated[int, typer.Option("--jobs", min=1, help="Worker processes.")] = 2,
    engine: Annotated[str, typer.Option("--engine", help="local or dask.")] = "local",
    cluster: Annotated[str | None, typer.Option("--cluster", help="Address of a running Dask scheduler, tcp://...")] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder for the runs (--all: a folder a study in it); else results/STUDY/raw.")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on where an earlier sweep ended.")] = False,
    shard: Annotated[str, typer.Option("--shard", metavar="K/N", help="Only the k-th of n shares.")] = "1/1",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check the study, run it once, say what all of it will cost.")] = False,
    every: Annotated[bool, typer.Option("--all", help="Every study there is, in place of STUDY.")] = False,
    smoke: Annotated[bool, typer.Option("--smoke", help="At toy size; kept only with --out.")] = False,
) -> None:
    """Run a study: many scenarios and seeds, one row per run. Exit code 1 when runs failed."""
    from adlabm import registry
    from adlabm.errors import BadInput
    from adlabm.sweep.run import cost, run_study
    from adlabm.sweep.study import Study

    if (study is None) != every:
        raise BadInput("Name one study (adlabm list studies), or give --all.")
    failed = 0
    for name in registry.names("studies") if study is None else (study,):
        plan = Study.load(name, smoke)
        if dry_run:
            found = cost(plan, shard)
            size = f"{found.runs} runs in {found.parts} parts, {found.run_s:.2f} s each"
            typer.echo(f"{plan.title}: {size}, about {found.wall_s(jobs):.0f} s on {jobs} jobs.")
            continue
        place = None if smoke else Path("results") / (Path(name).parent.name if name.endswith(".toml") else name) / "raw"
        if out is not None:
            place = out / name if every else out
        options: dict[str, Any] = {"jobs": jobs, "engine": engine, "cluster": cluster, "out": place, "resume": resume, "shard": shard}
        with Progress(True, "runs") as progress:
            result = run_study(plan, **options, progress=progress)
        for line in [*result.notes, *result.errors]:
            typer.echo(line, err=True)
        failed += result.failed
        typer.echo(f"{plan.title}: {len(result.rows)} runs, {result.failed} failed." + (f" Results: {result.out}" if result.out else ""))
    if failed:
        raise typer.Exit(1)


def _every_adl(result: Any) -> list[str]:
    """A line for every ADL of a run, under a heading; of very many, for the first of them."""
    from adlabm.reports.tables import View
    from adlabm.reports.words import adl_lines

    lines = adl_lines(View(result.tables), MOST_LINES) if result.summary.get("adl_events") else []
    return ["", "Every ADL:", *lines] if lines else []


@app.command()
def replay(
    name: Annotated[str, typer.Argument(help="waves, accounts, coins, market or funds (adlabm list replays).")],
    data: Annotated[Path | None, typer.Option("--data", help="Folder of the data; otherwise ADLABM_DATA (adlabm data where).")] = None,
    out: Out = None,
    klines: Annotated[list[Path] | None, typer.Option("--klines", help="market: a day of your own, file by file.")] = None,
    depth: Annotated[Path | None, typer.Option("--depth", help="market: bookDepth of that day; without, depth is modelled.")] = None,
    venue: Annotated[str | None, typer.Option("--venue", help="market: whose rules (adlabm list venues).")] = None,
    hours: Annotated[float | None, typer.Option("--hours", min=1, max=48, help="market: length of the window, by default 4.")] = None,
    smoke: Annotated[bool, typer.Option("--smoke", help="market, funds: at toy size; kept only with --out.")] = False,
) -> None:
    """Put real events through the laboratory: prints and writes what they give, with its limits."""
    from adlabm.replay._writing import place, readme, replayed, write

    asked = {"klines": klines, "depth": depth, "venue": venue, "hours": hours, "smoke": smoke}
    folder = None if smoke and out is None else place(out or Path("results") / f"replay-{name}")
    with Progress(True, "runs") as progress:
        found = replayed(name, data, {key: value for key, value in asked.items() if value}, progress)
    typer.echo(readme(name, found))
    if folder is not None:
        write(folder, name, found)
        typer.echo(f"Results: {folder}")


@app.command()
def serve(
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="Port on this machine; 0 takes a free one.")] = 8765,
    browser: Annotated[bool, typer.Option("--open/--no-open", help="Open the page in the browser.")] = True,
) -> None:
    """Open the live page: watch a market, its traders and its fund, and change what happens. Ctrl-C stops it."""
    from adlabm.web.serve import serve as open_page

    open_page(port, browser)


@app.command()
def report(folder: Annotated[Path, typer.Argument(help="Folder of a run or sweep (--out), or results/STUDY.")]) -> None:
    """Put a finished run or study on one HTML page that needs nothing else: figures, tables, plain words."""
    from adlabm.reports.findings import findings
    from adlabm.reports.html import report as tell

    typer.echo(f"Report: {tell(folder) if (folder / 'manifest.json').is_file() else findings(folder)}")


@app.command()
def advise(
    side: Annotated[str, typer.Option("--side", help="long or short.")],
    leverage: Annotated[float, typer.Option("--leverage", help="Notional over equity.")],
    equity: Annotated[float, typer.Option("--equity", help="Your equity, quote currency.")],
    contract: Annotated[str, typer.Option("--contract", help="A contract of the scenario.")] = "BTCUSDT",
    venue: Annotated[str, typer.Option("--venue", help="adlabm list venues.")] = "generic",
    entry: Annotated[float | None, typer.Option("--entry", help="Entry price in prices of the scenario; default: its opening.")] = None,
    scenario: Annotated[str, typer.Option("--scenario", help="The crash (adlabm list scenarios).")] = "crash",
    runs: Annotated[int, typer.Option("--runs", min=2, max=10_000, help="How many crashes.")] = 40,
    seed: Annotated[int, typer.Option("--seed", min=0)] = 0,
    out: Annotated[Path, typer.Option("--out", help="The HTML page.")] = Path("advice.html"),
    as_json: Json = False,
) -> None:
    """Say what a crash would do to a position, and which of five measures would change it most."""
    from adlabm.advise import Position
    from adlabm.advise import advise as ask
    from adlabm.reports.advice import told, write_page

    with Progress(not as_json, "crashes") as progress:
        found = ask(Position(side, leverage, equity, contract, venue, entry, scenario), runs, seed, progress)
    if as_json:
        print_json(found.as_dict())
        return
    for line in told(found):
        typer.echo(line)
    typer.echo(f"Page: {write_page(found, out)}")


@app.command()
def cite(name: Annotated[str, typer.Argument(metavar="SCENARIO|STUDY")]) -> None:
    """Say what to cite with results of a scenario or study: the program and every source of its numbers."""
    from adlabm.reports.cite import citations

    for line in citations(name):
        typer.echo(line)


@app.command()
def validate(
    scenario: Annotated[str, typer.Argument(help="Name of a scenario, or a TOML file; at least six days long.")] = "calm",
    populations: Annotated[int, typer.Option("--populations", min=2, help="Populations.")] = 4,
    seeds: Annotated[int, typer.Option("--seeds", min=2, help="Seeds of each population.")] = 3,
    sets: Annotated[list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Change one key, e.g. ticks=14400.")] = None,
    out: Out = None,
) -> None:
    """Hold a scenario against the stylised facts of real markets, beside the same market without feedback."""
    from adlabm import validate as battery
    from adlabm.validate import report

    with Progress(True, "runs") as progress:
        found = battery.validate(scenario, populations=populations, seeds=seeds, sets=tuple(sets or ()), progress=progress)
    typer.echo(report.text(found))
    if out is not None:
        report.write(found, out)
        typer.echo(f"Results: {out}")


@app.command(name="list")
def list_(
    family: Annotated[
        str,
        typer.Argument(
            help="policies, severities, venues, scenarios, traders, metrics, studies, replays, engines, fund, triggers or index."
        ),
    ],
    as_json: Json = False,
) -> None:
    """List what there is to choose from."""
    from adlabm import catalogue

    entries = catalogue.listed(family)
    if as_json:
        print_json([each.as_dict() for each in entries])
        return
    names = [each.name if family == "traders" else each.key for each in entries]
    width = max(map(len, names), default=0)
    for name, each in zip(names, entries, strict=True):
        typer.echo(f"{name:<{width}}  {each.summary}")
    if not entries:
        typer.echo(f"There are no {family} yet.", err=True)


@app.command()
def explain(
    name: Annotated[str, typer.Argument(metavar="[FAMILY/]NAME", help="e.g. queue, venues/binance, profit_taking/fixed.")],
    as_json: Json = False,
) -> None:
    """Explain a rule, metric, venue, scenario or study: what it does, its parameters, its sources."""
    from adlabm import catalogue

    found = catalogue.explained(name)
    if as_json:
        print_json(found.as_dict())
        return
    for line in catalogue.told(found):
        typer.echo(line)


@data_app.command()
def check(path: Annotated[Path, typer.Argument(metavar="FILE|FOLDER")]) -> None:
    """Say what a data file holds and what is wrong with it; every CSV and zip of a folder. Exit code 2 when one cannot be used."""
    from adlabm.data.check import check as examine

    lines, sound = examine(path)
    for line in lines:
        typer.echo(line)
    if not sound:
        raise typer.Exit(2)


@data_app.command()
def where() -> None:
    """Say which data there are, where to get them, under which terms, and what works without."""
    from adlabm.data.where import told

    for line in told():
        typer.echo(line)


@calibrate_app.callback()
def calibrate() -> None:
    """Parameters of a scenario from data."""


@calibrate_app.command()
def depth(file: Annotated[Path, typer.Argument(metavar="FILE", help="In Binance's bookDepth format.")]) -> None:
    """Depth exponent, level, withdrawal and refill of a recorded order book, with intervals, from fresh levels only."""
    from adlabm.calibrate.depth import calibrate_depth, lines
    from adlabm.data.where import locate

    for line in lines(calibrate_depth(locate(file))):
        typer.echo(line)


@app.command()
def diff(first: Path, second: Path, as_json: Json = False) -> None:
    """Compare two results: the first tick and column that differ. Exit code 1 when they do."""
    from adlabm.verify import diff as compare

    print_report(compare(first, second), as_json)


@app.command()
def verify(folder: Path, as_json: Json = False) -> None:
    """Check the hashes of a result and, with --check runs, fold its journal to the final ledger. Exit code 1 when something is wrong."""
    from adlabm.verify import verify as examine

    print_report(examine(folder), as_json)


@app.command()
def doctor(as_json: Json = False) -> None:
    """Show versions, the folder of compiled code and where data are looked for."""
    from adlabm.diagnosis import diagnosis

    found = diagnosis()
    if as_json:
        print_json(found)
    else:
        print_values("adlabm doctor", found)


def main() -> None:
    """Entry point: bad input, and a disk that cannot be read or written, is one sentence and exit code 2, an interruption exit code 130."""
    try:
        app()
    except AdlabmError as error:
        typer.echo(str(error), err=True)
        sys.exit(2)
    except OSError as error:
        named = f"{error.filename} cannot be read or written: {error.strerror}." if error.filename else str(error.strerror or error)
        typer.echo(named, err=True)
        sys.exit(2)
