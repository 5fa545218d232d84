#!/usr/bin/env python3
"""Three nodes of which two must have each change before it is answered; leaders are killed and
members promoted by hand, as docs/OPERATIONS.md has it.

While a writer writes and readers ask, the leader is killed (SIGKILL) again and again, now and then
while a member is away, so that something is in flight. Any member is promoted, the others and the
old leader follow it. At the end every acknowledged change is in the log, once, and every answer
about a closed moment is given again, byte for byte, by every node.

usage: failover.py PROGRAM DIRECTORY [--rounds N] [--seed N]
"""

import random
import shutil
import signal
import time

from nodes import (COMMIT_TIMEOUT_MS, SCRIPT, Clients, Member, arguments, await_, carry_out,
                   check_at_end, fail, first_changes, none_left, stop_and_verify)


def all_are_members(leader, others):
    state = leader.state()
    names = {each["node"] for each in state.get("members", []) if each["here"]}
    return not state.get("heldUp") and names == {node.name for node in others}


def fail_over(chance, nodes, leader, clients):
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
    carry_out(new.program, "replica", "promote", "--store", new.store)
    followers = [node for node in nodes if node is not new]
    new.configure(None, followers)
    new.start()
    clients.use(new, nodes)
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


def rounds(chance, nodes, clients, count):
    leader = clients.writer.leader
    for number in range(count):
        if number % 3 == 2:
            others = [node for node in nodes if node is not leader]
            chance.shuffle(others)
            yield change_members(leader, others)
        else:
            leader, what = fail_over(chance, nodes, leader, clients)
            yield what


def main():
    given = arguments(5)
    nodes = [Member(name, given.program, given.directory) for name in ("a", "b", "c")]
    leader, *others = nodes
    with none_left(nodes):
        leader.configure(None, others)
        leader.start()
        status, said = leader.change(first_changes(), timeout_s=60)
        if status != 503 or "nothing can be recorded now" not in said:
            fail(f"recorded without members: {status} {said}")
        for node in others:
            node.configure(leader, [])
            node.start()
        await_("all are members", lambda: all_are_members(leader, others))
        clients = Clients(leader, nodes, given.seed)
        clients.go_through(rounds(random.Random(given.seed), nodes, clients, given.rounds))
        clients.stop()
        summary = check_at_end(clients, nodes, as_of_revision=False)
        term = clients.writer.leader.must_state()["term"]
        stop_and_verify(nodes)
        print(f"{SCRIPT}: {summary}, term {term}")


if __name__ == "__main__":
    main()
