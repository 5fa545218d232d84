#!/usr/bin/env python3
"""Three nodes of which two must have each change before it is answered; leaders are killed and
members promoted by hand, as docs/OPERATIONS.md has it.

While a writer writes and readers ask, the leader is killed (SIGKILL) again and again, now and then
while a member is away, so that something is in flight. Any member is promoted, the others and the
old leader follow it. At the end every acknowledged change is in the log, once, and every answer
about a closed moment is given again, byte for byte, by every node.

usage: failover.py PROGRAM DIRECTORY [--rounds N] [--seed N]
"""

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import time

from faults import Node, Reader, TENANT, Writer, await_, first_changes

COMMIT_TIMEOUT_MS = 500


class Member(Node):
    """A node that leads with the others as members, or follows one of them."""

    def configure(self, source, members):
        self.source = source.port if source else None
        self.config = self.store + ".toml"
        names = ", ".join(f'"{member.name}"' for member in members)
        with open(self.config, "w", encoding="utf-8") as file:
            file.write(f"[replication]\nmembers = [{names}]\nmembers_min = 2\n"
                       f"commit_timeout_ms = {COMMIT_TIMEOUT_MS}\n")

    def arguments(self):
        return super().arguments() + ["--config", self.config]

    def reload(self):
        self.process.send_signal(signal.SIGHUP)


def all_are_members(leader, others):
    state = leader.state()
    names = {each["node"] for each in state.get("members", []) if each["here"]}
    return not state.get("heldUp") and names == {node.name for node in others}


def fail_over(chance, nodes, leader, writer):
    others = [node for node in nodes if node is not leader]
    away = chance.choice([None, *others])
    if away:
        # Its links stay: what comes is not answered.
        away.process.send_signal(signal.SIGSTOP)
        time.sleep(chance.uniform(0.0, 2 * COMMIT_TIMEOUT_MS / 1000))
    leader.kill()
    if away:
        away.process.send_signal(signal.SIGCONT)
    new = chance.choice(others)
    new.stop()
    subprocess.run([new.program, "replica", "promote", "--store", new.store], check=True,
                   stdout=subprocess.DEVNULL)
    followers = [node for node in nodes if node is not new]
    new.configure(None, followers)
    new.start()
    writer.leader = new
    for node in followers:
        if node is not leader:
            node.stop()
        node.configure(new, [])
        node.start()
    await_("all are members", lambda: all_are_members(new, followers))
    return new, f"{leader.name} killed{f', {away.name} away' if away else ''}, {new.name} leads"


def change_members(leader, others):
    """A member that is lost for good is taken out, and comes back with an empty disk."""
    lost, other = others
    lost.kill()
    await_("changes are refused", lambda: "away" in leader.state().get("heldUp", ""))
    leader.configure(None, [other])
    leader.reload()
    await_("one member is enough", lambda: all_are_members(leader, [other]))
    shutil.rmtree(lost.store)
    lost.start()
    leader.configure(None, others)
    leader.reload()
    await_("the new copy is a member", lambda: all_are_members(leader, others))
    return f"{lost.name} wiped and back"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("directory")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    shutil.rmtree(given.directory, ignore_errors=True)
    os.makedirs(given.directory)
    chance = random.Random(given.seed)

    nodes = [Member(name, given.program, given.directory) for name in ("a", "b", "c")]
    leader, *others = nodes
    try:
        leader.configure(None, others)
        leader.start()
        status, said = leader.request("POST", TENANT + "/commands", first_changes(),
                                      {"Content-Type": "application/json"})
        if status != 503 or "nothing can be recorded now" not in said:
            raise SystemExit(f"failover: recorded without members: {status} {said}")
        for node in others:
            node.configure(leader, [])
            node.start()
        await_("all are members", lambda: all_are_members(leader, others))
        status, said = leader.request("POST", TENANT + "/commands", first_changes(),
                                      {"Content-Type": "application/json"})
        if status != 200:
            raise SystemExit(f"failover: {status} {said}")

        writer = Writer(leader)
        writer.start()
        readers = [Reader(nodes, writer, given.seed * 10 + i) for i in range(2)]
        for reader in readers:
            reader.start()
        for number in range(given.rounds):
            if number % 3 == 2:
                others = [node for node in nodes if node is not leader]
                chance.shuffle(others)
                what = change_members(leader, others)
            else:
                leader, what = fail_over(chance, nodes, leader, writer)
            seen = len(writer.acknowledged)
            await_("a change is acknowledged",
                   lambda: len(writer.acknowledged) > seen or writer.failure)
            print(f"{number + 1}: {what}; {len(writer.acknowledged)} changes", flush=True)
            for thread in [writer, *readers]:
                if thread.failure:
                    raise SystemExit(f"failover: {thread.failure}")
        writer.stopping = True
        writer.join()
        for reader in readers:
            reader.stopping = True
            reader.join()

        newest = leader.state()["last"]
        for node in nodes:
            await_(f"{node.name} reaches {newest}", lambda: node.state().get("applied") == newest)
        roots = {node.state()["root"] for node in nodes}
        if len(roots) != 1:
            raise SystemExit(f"failover: the logs differ: {roots}")
        for node in nodes:
            for name in writer.acknowledged:
                body = node.try_get(f"{TENANT}/check?principal={name}&action=Contoso.Files/read"
                                    "&scope=/files")
                if body is None or json.loads(body)["decision"] != "allow":
                    raise SystemExit(f"failover: {node.name} lacks {name}: {body}")
        answers = {}
        for reader in readers:
            answers.update(reader.answers)
        for question, body in answers.items():
            for node in nodes:
                if (again := node.try_get(question)) != body:
                    raise SystemExit(f"failover: {node.name}: {question}: {again}, was {body}")
        if newest != 4 + 3 + 2 * len(writer.acknowledged):
            raise SystemExit(f"failover: {newest} events of {len(writer.acknowledged)} changes")
        term = leader.state()["term"]
        for node in nodes:
            node.stop()
            subprocess.run([given.program, "verify", "--store", node.store], check=True,
                           stdout=subprocess.DEVNULL)
        print(f"failover: {len(writer.acknowledged)} changes ({writer.repeated} repeated), "
              f"{len(answers)} final answers, term {term}, root {roots.pop()}")
    finally:
        for node in nodes:
            if node.process and node.process.poll() is None:
                node.process.send_signal(signal.SIGCONT)
                node.process.kill()
                node.process.wait()


if __name__ == "__main__":
    main()
