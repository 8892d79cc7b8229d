"""Types at a pseudo-terminal: terminal.py STEPS COMMAND...

STEPS is a JSON list of ["expect", TEXT] and ["send", TEXT]. Prints all that was shown; exits with the command's code, or 124 if
something was not shown within a minute.
"""
import json
import os
import pty
import select
import signal
import sys
import termios
import time

steps, command = json.loads(sys.argv[1]), sys.argv[2:]
child, terminal = pty.fork()
if child == 0:
    # As a terminal's shell has it: what runs in the background of a script is started with Ctrl-C ignored, and hands that on.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    os.execvp(command[0], command)

shown, read_to, ended = "", 0, False


def read_some(deadline):
    """False: nothing more comes."""
    global shown, ended
    if not select.select([terminal], [], [], max(0, deadline - time.monotonic()))[0]:
        return False
    try:
        piece = os.read(terminal, 65536)
    except OSError:
        piece = b""
    ended = not piece
    shown += piece.decode("utf-8", "replace")
    return not ended


def fail(what):
    state = [line.strip() for line in open(f"/proc/{child}/status") if line.startswith(("State", "Threads", "Sig", "ShdPnd"))]
    heard = bool(termios.tcgetattr(terminal)[3] & termios.ISIG)
    print(f"{shown}\nterminal: {what}; Ctrl-C is a signal: {heard}; {', '.join(state)}")
    os.kill(child, 9)
    sys.exit(124)


for verb, text in steps:
    if verb == "send":
        os.write(terminal, text.encode())
        continue
    until = time.monotonic() + 60
    while (found := shown.find(text, read_to)) < 0:
        if not read_some(until):
            fail(f"{text!r} was not shown")
    read_to = found + len(text)

last = time.monotonic() + 60
while not ended and read_some(last):
    pass
if not ended:
    fail("it did not end")
print(shown)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
