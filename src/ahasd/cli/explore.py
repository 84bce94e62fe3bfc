"""``ahasd explore``: choose a design on a local page, which answers at once."""

import typer


def explore(
    link: str | None = typer.Argument(None, metavar="[LINK]", help="A link that the page gave: begin there."),
    port: int = typer.Option(0, min=0, max=65535, show_default="any that is free", help="Of the page"),
    address: str = typer.Option("127.0.0.1", help="Of the page; any but this machine's own lets others in."),
    browser: bool = typer.Option(True, help="Open it in the browser."),
) -> None:
    """Choose device, models and constants on a local page, and see the answer follow (needs the extra `explorer`)."""
    import webbrowser

    from ahasd.cli.show import show
    from ahasd.explorer.serve import check_installed, is_local, serve
    from ahasd.explorer.state import read_query

    check_installed()
    state = read_query(link) if link is not None else None
    if state is not None:
        from ahasd.explorer.answers import check

        check(state)
    if not is_local(address):
        typer.echo(
            f"warning: {address} can be reached by others; whoever sees the address with its token, which is sent "
            "without encryption, can use this page and have files of this machine read as models",
            err=True,
        )

    def ready(opened: str) -> None:
        show(f"The explorer is at {opened} (Ctrl-C ends it).\n")
        if browser:
            webbrowser.open(opened)

    serve(address, port, state, ready)
