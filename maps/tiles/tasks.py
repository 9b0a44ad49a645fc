"""Jobs of the heat store. Each machine that serves tiles builds its own."""

from procrastinate.contrib.django import app

from geo_central.kernel import clock


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="rebuild-heat", lock="rebuild-heat", pass_context=False)
def rebuild_heat(timestamp: int) -> int:
    """Every minute: a new version where there is none or its tail has grown long; how many rows it has."""
    from .engine import upkeep  # the compiler is loaded by the first job, not by every command

    built = upkeep.rebuild_if_due(now=clock.now)
    return built.rows if built else 0
