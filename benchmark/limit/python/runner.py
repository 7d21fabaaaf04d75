"""The limit in Python: asyncpg on uvloop. Same flags, environment and answer as runners/node.mjs."""

import argparse
import asyncio
import json
import os
import resource
import time

import asyncpg
import uvloop

POOL_CONNECTIONS = 10
POOL_WORKERS = 64
INTEGERS = {"int2", "int4", "int8"}


def arguments_of(workload, n):
    argument = workload.get("argument")
    if argument is None:
        return []
    return [argument["from"] + n * argument["step"] % argument["count"]]


def integer_sum(workload, rows):
    total = 0
    for name, kind in workload["columns"]:
        if kind in INTEGERS:
            total += sum(row[name] for row in rows)
        elif kind == "int4[]":
            total += sum(sum(row[name]) for row in rows)
    return total


async def verify(workload, expected, fetch):
    rows = 0
    total = 0
    for n in range(expected["calls"]):
        answer = await fetch(*arguments_of(workload, n))
        rows += len(answer)
        total += integer_sum(workload, answer)
    if (rows, total) != (expected["rows"], expected["integerSum"]):
        raise ValueError(f"wrong result: {rows} rows, sum {total}")


async def prepare_json(connection):
    await connection.set_type_codec("jsonb", schema="pg_catalog", encoder=json.dumps, decoder=json.loads)


async def verify_written(workload, expected, connection, rows, write):
    columns = ", ".join(name for name, _ in workload["columns"])
    await connection.execute(f"truncate {workload['target']}")
    await write(rows)
    written = await connection.fetch(f"select {columns} from {workload['target']} order by id")
    found = (len(written), integer_sum(workload, written))
    if found != (expected["rows"], expected["integerSum"]) or written != rows:
        raise ValueError(f"wrong rows were written: {found[0]}, sum {found[1]}")
    await connection.execute(f"truncate {workload['target']}")


async def load(workers, call, flags):
    """Keeps calls going; `call(n)` makes the n-th and gives its number of rows."""
    state = {"running": True, "recording": False, "started": 0, "completed": 0, "rows": 0}
    latencies = []
    every = 1 if workers == 1 else 16

    async def work():
        while state["running"]:
            n = state["started"]
            state["started"] += 1
            before = time.perf_counter()
            rows = await call(n)
            if state["recording"] and n % every == 0:
                latencies.append(time.perf_counter() - before)
            state["completed"] += 1
            state["rows"] += rows

    def snapshot():
        usage = resource.getrusage(resource.RUSAGE_SELF)
        return time.perf_counter(), state["completed"], state["rows"], usage.ru_utime + usage.ru_stime

    tasks = [asyncio.create_task(work()) for _ in range(workers)]
    await asyncio.sleep(flags.warmup)
    state["recording"] = True
    begin = snapshot()
    await asyncio.sleep(flags.seconds)
    end = snapshot()
    state["running"] = False
    await asyncio.gather(*tasks)
    elapsed, queries, rows, cpu = (after - before for before, after in zip(begin, end))
    latencies.sort()

    def percentile(share):
        return latencies[min(len(latencies) - 1, int(share * len(latencies)))] * 1e6 if latencies else None

    return {
        "queries": queries,
        "elapsedMs": elapsed * 1000,
        "queriesPerSecond": queries / elapsed,
        "rowsPerSecond": rows / elapsed,
        "p50Us": percentile(0.5),
        "p99Us": percentile(0.99),
        "processCpuUs": cpu / max(1, queries) * 1e6,
        "rssMb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


async def measure(flags):
    with open(flags.workload, encoding="utf-8") as file:
        workload = json.load(file)
    with open(flags.expected, encoding="utf-8") as file:
        expected = json.load(file)
    if flags.mode == "inflight":
        raise ValueError("asyncpg takes one call at a time on a connection")
    sql = workload["sql"]
    if workload["kind"] == "write":
        return await measure_write(workload, expected, flags)
    if flags.mode == "one":
        connection = await asyncpg.connect()
        await prepare_json(connection)
        workers, close = 1, connection.close

        async def fetch(*values):
            return await connection.fetch(sql, *values)
    else:
        pool = await asyncpg.create_pool(min_size=POOL_CONNECTIONS, max_size=POOL_CONNECTIONS, init=prepare_json)
        workers, close = POOL_WORKERS, pool.close

        async def fetch(*values):
            return await pool.fetch(sql, *values)

    await verify(workload, expected, fetch)

    async def call(n):
        return len(await fetch(*arguments_of(workload, n)))

    figures = await load(workers, call, flags)
    await close()
    return figures


async def measure_write(workload, expected, flags):
    connection = await asyncpg.connect()
    rows = await connection.fetch(workload["sql"])
    table, columns = workload["target"], [name for name, _ in workload["columns"]]

    async def write(rows):
        if "insert" in workload:
            await connection.executemany(workload["insert"], rows)
        elif "insertArrays" in workload:
            await connection.execute(workload["insertArrays"], *zip(*rows))
        else:
            await connection.copy_records_to_table(table, records=rows, columns=columns)

    async def call(_):
        await write(rows)
        return len(rows)

    await verify_written(workload, expected, connection, rows, write)
    figures = await load(1, call, flags)
    await verify_written(workload, expected, connection, rows, write)
    await connection.close()
    return figures


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--workload", required=True)
    parser.add_argument("--mode", default="one")
    parser.add_argument("--expected", required=True)
    for name in ("seconds", "warmup", "delay"):
        parser.add_argument(f"--{name}", type=float, default=1.0)
    flags = parser.parse_args()
    if not os.environ.get("PGPASSWORD"):
        os.environ.pop("PGPASSWORD", None)
    try:
        figures = uvloop.run(measure(flags))
        print(json.dumps({"ok": True, "version": asyncpg.__version__, **figures}))
    except Exception as error:
        print(json.dumps({"ok": False, "reason": str(error)}))


main()
