#!/usr/bin/env python3
"""cluster/local as somebody uses it who tries things out: it starts nodes and says where they are,
refuses what it cannot do, says which node ended by itself and keeps its log, and leaves nobody
behind.

usage: local.py PROGRAM DIRECTORY
"""

import os
import pathlib
import signal
import subprocess

from nodes import WAIT_S, arguments, await_, fail, free_port, is_free, run

LOCAL = str(pathlib.Path(__file__).resolve().parent.parent / "local")
FOLLOWERS = 2


def free_ports():
    """The first of as many in a row as there are nodes."""
    while True:
        first = free_port()
        if all(is_free(first + more) for more in range(1, FOLLOWERS + 1)):
            return first


def expect_refusal(words, code, said):
    done = subprocess.run([LOCAL, *words], capture_output=True, text=True, check=False,
                          timeout=WAIT_S)
    if done.returncode != code or said not in done.stderr:
        fail(f"{words}: {done.returncode} {done.stderr}")


def processes_of(directory):
    """Of nodes whose stores are there."""
    found = {}
    for entry in pathlib.Path("/proc").iterdir():
        try:
            words = (entry / "cmdline").read_bytes().decode().split("\0")
        except (OSError, UnicodeDecodeError):
            continue
        if "serve" in words and any(word.startswith(directory) for word in words):
            found[words[words.index("--node") + 1]] = int(entry.name)
    return found


def start(given, port):
    """Returns when it says that all are there, with what it said."""
    local = subprocess.Popen(
        [LOCAL, "--followers", str(FOLLOWERS), "--chain", "--directory", given.directory, "--port",
         str(port), "--program", given.program],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    lines = []
    for line in local.stdout:
        lines.append(line)
        if line.startswith("Stop with"):
            return local, lines
    return fail(f"it ended: {local.stderr.read()}")


def await_nobody(directory):
    await_("nobody is left behind", lambda: not processes_of(directory))


def main(given):
    expect_refusal(["--followers", "x"], 2, "--followers takes a number from 0 to 64, not 'x'")
    expect_refusal(["--port", "70000"], 2, "--port takes a number")
    expect_refusal(["--program", "/nowhere/tenure"], 1, "there is no program")

    port = free_ports()
    urls = [f"http://127.0.0.1:{port + number}" for number in range(FOLLOWERS + 1)]
    local, lines = start(given, port)
    for number, url in enumerate(urls):
        if not any(f"node-{number} " in line and url in line for line in lines):
            fail(f"it does not say where node-{number} is: {lines}")

    def well():
        code, found = run(given.program, "cluster", "status", *urls)
        steps = [each.get("state", {}).get("distance") for each in found]
        return code == 0 and steps == list(range(FOLLOWERS + 1))

    await_("all are well and as far from the leader as they are in the chain", well)
    expect_refusal(["--port", str(port), "--program", given.program], 1, "answers at")

    os.kill(processes_of(given.directory)["node-1"], signal.SIGKILL)
    code = local.wait(WAIT_S)
    said = local.stderr.read()
    if code != 1 or "node-1 has ended, with exit code 137" not in said:
        fail(f"it does not say which node ended: {code} {said}")
    await_nobody(given.directory)

    local, _ = start(given, port)
    local.send_signal(signal.SIGTERM)
    if (code := local.wait(WAIT_S)) != 143:
        fail(f"it ended with {code} on SIGTERM")
    await_nobody(given.directory)
    print("local: nodes started, chained, missed and stopped")


def stop_all(directory):
    for process in processes_of(directory).values():
        os.kill(process, signal.SIGTERM)


if __name__ == "__main__":
    given_at_start = arguments(0)
    try:
        main(given_at_start)
    finally:
        stop_all(given_at_start.directory)
