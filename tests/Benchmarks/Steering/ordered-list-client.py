"""Sign-ins through libldap with its own list of servers: ordered-list-client.py "URI URI" CA-FILE NAMES RATE PASSWORD-FILE CONNECTIONS.

Binds at an even rate as people whose names the file NAMES holds, over kept connections, until standard input ends. One line for
each: when it was due (ns of CLOCK_MONOTONIC), how long it took (us), its end (ok, refused, fault) and the addresses that it went to.
"""
import queue
import socket
import sys
import threading
import time

import ldap

CONNECT_S, BIND_S, DEADLINE_S, ENOUGH_S = 2, 4, 10, 1.5


class Worker(threading.Thread):
    """Has one connection, as the entries of a pool do."""

    def __init__(self, work):
        super().__init__(daemon=True)
        self.work, self.connection = work, None

    def run(self):
        while True:
            due, name = self.work.get()
            end, asked = self.sign_in(due, name)
            took = time.monotonic_ns() - due
            sys.stdout.write(f"{due} {took // 1000} {end} {','.join(asked) or '-'}\n")

    def sign_in(self, due, name):
        asked = []
        for _ in range(2):
            try:
                if self.connection is None:
                    self.connection = connect()
                message = self.connection.simple_bind(name, PASSWORD)
                asked.append(peer(self.connection))
                self.connection.result(message, timeout=BIND_S)
                return "ok", asked
            except ldap.INVALID_CREDENTIALS:
                return "refused", asked
            except (ldap.LDAPError, OSError):
                # A new connection begins with the first of the list again.
                self.connection = None
                if time.monotonic_ns() - due > (DEADLINE_S - ENOUGH_S) * 1e9:
                    break
        return "fault", asked


def connect():
    connection = ldap.initialize(URIS)
    connection.set_option(ldap.OPT_NETWORK_TIMEOUT, CONNECT_S)
    connection.set_option(ldap.OPT_TIMEOUT, BIND_S)
    connection.set_option(ldap.OPT_X_TLS_CACERTFILE, CA)
    connection.set_option(ldap.OPT_X_TLS_REQUIRE_CERT, ldap.OPT_X_TLS_DEMAND)
    connection.set_option(ldap.OPT_X_TLS_NEWCTX, 0)
    return connection


def peer(connection):
    with socket.socket(fileno=connection.fileno()) as borrowed:
        address, port = borrowed.getpeername()[:2]
        borrowed.detach()
    return f"{address}:{port}"


def main():
    work = queue.SimpleQueue()
    for _ in range(int(sys.argv[6])):
        Worker(work).start()
    ended = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), ended.set()), daemon=True).start()
    due, number = time.monotonic_ns(), 0
    while not ended.wait(max(0, due - time.monotonic_ns()) / 1e9):
        work.put((due, NAMES[number % len(NAMES)]))
        due, number = due + int(1e9 / RATE), number + 1


if __name__ == "__main__":
    URIS, CA, RATE = sys.argv[1], sys.argv[2], float(sys.argv[4])
    with open(sys.argv[3], encoding="utf-8") as names:
        NAMES = names.read().split()
    with open(sys.argv[5], encoding="utf-8") as password:
        PASSWORD = password.read().strip()
    sys.stdout.reconfigure(line_buffering=True)
    main()
