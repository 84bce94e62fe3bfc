"""``ahasd private run``: two processes, a socket, and every byte counted."""

from pathlib import Path

import typer

from ahasd.cli.show import show_answer

#: Images at once: more share what a message costs, and take memory (ours).
DEFAULT_IMAGES, DEFAULT_BATCH = 20, 20


def run(
    network: str = typer.Option("w4a4", help="Trained widths of the digits' network: w4a4 or mixed."),
    images: int = typer.Option(DEFAULT_IMAGES, min=1, max=100_000, help="Test images."),
    batch: int = typer.Option(DEFAULT_BATCH, min=1, max=100, help="Images at once."),
    protocols: str = typer.Option("privquant", help="privquant, or sirnn: without its fusion."),
    party: int | None = typer.Option(
        None, min=0, max=1, show_default="both, here", help="0, the server, or 1, the client."
    ),
    connect: str | None = typer.Option(
        None, metavar="HOST:PORT", help="Where party 0 listens; for one party."
    ),
    key: Path | None = typer.Option(None, metavar="FILE", help="The key that both hold; for one party."),
    allow_remote: bool = typer.Option(False, help="Let HOST be another than this one."),
    timeout: float = typer.Option(5.0, min=0.1, max=3600, help="Seconds to wait for the peer's next bytes."),
    wait: float = typer.Option(60.0, min=0.1, max=86_400, help="Seconds that party 0 waits for a client."),
    link: str | None = typer.Option(None, help="Insert delays: lan, wan, or MB_PER_S:ROUND_TRIP_MS."),
    operations: bool = typer.Option(False, "--operations", help="A row for every protocol."),
    json_: bool = typer.Option(False, "--json", help="Print JSON."),
) -> None:
    """Classify images of digits that the server never sees, by weights that the client never sees."""
    from ahasd.errors import AhasdError
    from ahasd.private_inference.running.base_transfer import needs_cryptography

    needs_cryptography()  # which the others import

    from ahasd.cli.private_parties import Meeting, run_alone, run_here
    from ahasd.private_inference.network.link import link_named
    from ahasd.private_inference.network.rules import rules_named
    from ahasd.private_inference.running.outcome import RunRequest
    from ahasd.private_inference.running.shipped import shipped_network
    from ahasd.report.files import to_json
    from ahasd.report.private.run import run_json, run_text

    if party is None and (connect is not None or key is not None or allow_remote):
        raise AhasdError("--connect, --key and --allow-remote are for one party: give --party 0 or --party 1")
    if party is not None and (connect is None or key is None):
        raise AhasdError("one party needs --connect HOST:PORT and --key FILE, the same on both sides")
    model = shipped_network(network)
    delays = None if link is None else link_named(link)
    request = RunRequest(model.public, rules_named(protocols), images, batch, timeout, delays)
    if party is None:
        outcome, check = run_here(request, model)
    else:
        assert connect is not None
        assert key is not None
        outcome, check = run_alone(Meeting(party, connect, key, allow_remote, wait), request, model), None
    text = (
        to_json(run_json(request, outcome, check)) if json_ else run_text(request, outcome, check, operations)
    )
    show_answer(text, data=json_)
    if not outcome.equal:
        raise AhasdError("the bytes counted are not those predicted")
    if check is not None and check.equal != check.images:
        raise AhasdError(f"{check.images - check.equal} outputs differ from the plaintext network's")
