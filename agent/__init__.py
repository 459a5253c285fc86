"""netcase watches a network, proves what broke, and opens the case with the evidence already attached."""


def version() -> str:
    """Of the installed distribution; empty where it is not installed."""
    from importlib import metadata

    try:
        return metadata.version("netcase")
    except metadata.PackageNotFoundError:
        return ""
