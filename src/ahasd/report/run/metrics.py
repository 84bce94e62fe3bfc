"""``metrics.txt``: a result for people."""

from ahasd.report.run.verdict import verdict
from ahasd.simulation.result import Result


def metrics_text(result: Result) -> str:
    """Lay a result out as text."""
    lines = [
        f"{result.system} on {result.hardware}: {result.pair}, algorithm {result.algorithm}"
        + (f" ({result.algorithm_provenance})" if result.algorithm_provenance else ""),
        "",
        *_section(
            "Speed",
            {
                "tokens": f"{result.tokens}",
                "decode time": f"{result.seconds:.4f} s",
                "prefill time": f"{result.seconds_prefill:.4f} s",
                "throughput": f"{result.tokens_per_second:.3f} tokens/s",
                "time to first token": f"{result.ttft_s:.4f} s",
                "time per output token": f"{result.tpot_s * 1e3:.2f} ms",
            },
        ),
        *_section("Tokens", _tokens(result)),
        *_section(
            "Energy",
            {
                "per token": f"{result.joules_per_token:.4f} J",
                "average power": f"{result.average_power_w:.2f} W",
                "wasted": _wasted(result),
                **_battery(result),
                **_devices(result),
                **{name: f"{joules:.3f} J" for name, joules in result.energy_j.items()},
            },
        ),
        *_section(
            "Devices",
            {
                name: f"busy {shares.busy:6.1%}   idle {shares.idle:6.1%}   blocked {shares.blocked:6.1%}"
                for name, shares in result.devices.items()
            },
        ),
        *_section(
            "Queues",
            {
                name: f"mean {queue.mean:.2f}   max {queue.max}   full {queue.full_s:.3f} s   "
                f"had to wait {queue.blocked_pushes}"
                for name, queue in result.queues.items()
            },
        ),
        *_section("Controllers", _controllers(result)),
        *[f"Note: {note}" for note in result.notes],
        "",
        verdict(result),
    ]
    return "\n".join(lines) + "\n"


def _tokens(result: Result) -> dict[str, str]:
    rows = {
        "passes of the target": f"{result.verifications}",
        "mean acceptance length": f"{result.mean_acceptance_length:.3f} tokens per pass",
    }
    if result.drafted:
        rows |= {
            "acceptance rate": f"{result.draft_acceptance_rate or 0.0:.3f}",
            "drafted": f"{result.drafted} = {result.accepted} accepted + {result.rejected} rejected "
            f"+ {result.flushed} flushed + {result.in_flight} in flight",
            "draft efficiency": f"{result.draft_efficiency or 0.0:.3f}",
            "accepted per pass": "  ".join(f"{n}: {c}" for n, c in result.accepted_histogram.items()),
        }
    return rows


def _wasted(result: Result) -> str:
    each = result.energy_report.joules_per_wasted_token
    return f"{result.joules_wasted:.3f} J" + (
        f", {each:.4f} J for each wasted token" if each is not None else ""
    )


def _devices(result: Result) -> dict[str, str]:
    return {
        f"{device}, all": f"{energy.dynamic_j + energy.static_j:.3f} J: {energy.dynamic_j:.3f} J of work, "
        f"{energy.static_j:.3f} J at rest"
        for device, energy in result.energy_report.by_device.items()
    }


def _battery(result: Result) -> dict[str, str]:
    report = result.energy_report
    if report.tokens_per_wh is None or report.minutes_per_wh is None:
        return {}
    return {"on a battery": f"{report.tokens_per_wh:.0f} tokens, {report.minutes_per_wh:.1f} min per Wh"}


def _controllers(result: Result) -> dict[str, str]:
    rows = {}
    edc, tvc = result.controller.edc, result.controller.tvc
    if edc is not None:
        rows["EDC"] = (
            f"{edc.decisions} decisions: {edc.continued} continued, {edc.stopped} stopped; "
            f"{edc.correct} of {edc.judged} judged ones correct"
        )
    if tvc is not None:
        rows["TVC"] = (
            f"consulted {tvc.consulted} times, pre-verified {tvc.inserted} times, {tvc.tokens} tokens, "
            f"{tvc.useful} of use; {tvc.rank_switches} rank switches"
        )
        if tvc.mean_relative_error is not None:
            rows["TVC's prediction"] = (
                f"of the NPU's time: off by {tvc.mean_relative_error:.1%} on average, "
                f"{tvc.relative_error_maximum or 0.0:.1%} at most"
            )
    return rows


def _section(title: str, rows: dict[str, str]) -> list[str]:
    if not rows:
        return []
    return [title, *[f"  {name:24} {value}" for name, value in rows.items()], ""]
