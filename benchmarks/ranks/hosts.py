"""Two hosts on one machine: network namespaces with their own names, joined by a link of a stated rate and delay.

Needs root, /dev/net/tun, and Debian's packages iproute2 and openmpi-bin. The link is a program that holds each packet back for as long as a cable would: the kernel's
own emulation (netem) is missing in many virtual machines. Packets of the link are up to 65,000 bytes, so that the program
needs little processor time.
"""
import collections
import contextlib
import fcntl
import multiprocessing
import os
import select
import shlex
import socket
import stat
import struct
import subprocess
import sys
import tempfile
import time

NAMES = "dubkit-a", "dubkit-b"
ADDRESSES = "10.91.7.1", "10.91.7.2"
NETWORK = "10.91.7.0/24"
PACKET = 65000
# A packet is not read before the link has sent all but this many seconds of those before it.
QUEUE = 0.01


def ip(*words):
    subprocess.run(["ip", *words], check=True)


def tunnel(name):
    """A file whose packets a new network interface sends and receives."""
    file = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(file, 0x400454CA, struct.pack("16sH", name.encode(), 0x1001))  # TUNSETIFF: IFF_TUN | IFF_NO_PI
    return file


def carry(source, target, bits_per_second, delay):
    """Carries packets one way, for ever. A cable does not wait until a processor is free."""
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    waiting, free = collections.deque(), 0.0
    while True:
        now = time.perf_counter()
        while waiting and waiting[0][0] <= now:
            with contextlib.suppress(BlockingIOError):
                os.write(target, waiting.popleft()[1])
        is_open = free - now < QUEUE
        timeout = max(0.0, waiting[0][0] - now) if waiting else None
        if not is_open:
            timeout = min(timeout, free - now - QUEUE) if waiting else free - now - QUEUE
        if not select.select([source] if is_open else [], [], [], timeout)[0]:
            continue
        with contextlib.suppress(BlockingIOError):
            packet = os.read(source, PACKET + 100)
            free = max(free, time.perf_counter()) + 8 * len(packet) / bits_per_second
            waiting.append((free + delay, packet))


def on(host, command):
    """The command as it runs on a host, which sees its own name and network only."""
    words = f"hostname {NAMES[host]}; exec {shlex.join(command)}"
    return ["ip", "netns", "exec", NAMES[host], "unshare", "--uts", "sh", "-c", words]


@contextlib.contextmanager
def joined(bits_per_second, round_trip):
    """A function of a command that returns the words to start it with on both hosts, one rank each, while they are joined
    by a link of this rate and round-trip time in seconds."""
    with contextlib.ExitStack() as stack:
        files = []
        for index, (name, address) in enumerate(zip(NAMES, ADDRESSES)):
            subprocess.run(["ip", "netns", "delete", name], capture_output=True)
            ip("netns", "add", name)
            stack.callback(ip, "netns", "delete", name)
            files.append(tunnel(f"dubkit{index}"))
            stack.callback(os.close, files[-1])
            ip("link", "set", f"dubkit{index}", "netns", name)
            ip("-n", name, "address", "add", f"{address}/24", "dev", f"dubkit{index}")
            ip("-n", name, "link", "set", f"dubkit{index}", "mtu", str(PACKET), "up")
            ip("-n", name, "link", "set", "lo", "up")
        for source, target in (files, files[::-1]):
            process = multiprocessing.Process(target=carry, args=(source, target, bits_per_second, round_trip / 2), daemon=True)
            process.start()
            stack.callback(process.join)
            stack.callback(process.terminate)
        agent = stack.enter_context(tempfile.NamedTemporaryFile("w", suffix=".sh", delete=False))
        stack.callback(os.unlink, agent.name)
        # Called as AGENT HOST COMMAND, as ssh is.
        agent.write(f'#!/bin/sh\nshift\nexec ip netns exec {NAMES[1]} unshare --uts sh -c "hostname {NAMES[1]}; $*"\n')
        agent.close()
        os.chmod(agent.name, stat.S_IRWXU)
        yield lambda command: on(0, [
            "mpirun", "--host", ",".join(f"{address}:1" for address in ADDRESSES), "--bind-to", "none", "--mca", "plm_rsh_agent",
            agent.name, "--mca", "btl", "tcp,self", "--mca", "btl_tcp_if_include", NETWORK, "--mca", "oob_tcp_if_include", NETWORK,
            *command])


def answer(address):
    """Answers the two questions of `link`: bytes are echoed, or counted until the other side has sent all."""
    with socket.create_server((address, 5201)) as server:
        for _ in range(2):
            connection, _ = server.accept()
            with connection:
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                while data := connection.recv(1 << 20):
                    if len(data) < 100:
                        connection.sendall(data)


def ask(address):
    """Prints the round-trip time in seconds and the bits per second of a connection."""
    with socket.create_connection((address, 5201)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        times = []
        for _ in range(50):
            start = time.perf_counter()
            connection.sendall(b"x")
            connection.recv(1)
            times.append(time.perf_counter() - start)
    with socket.create_connection((address, 5201)) as connection:
        count, data, start = 0, bytes(1 << 20), time.perf_counter()
        while time.perf_counter() - start < 2:
            connection.sendall(data)
            count += len(data)
        connection.shutdown(socket.SHUT_WR)
        connection.recv(1)
        print(sorted(times)[25], 8 * count / (time.perf_counter() - start))


def link():
    """The measured round-trip time in seconds and rate in bits per second between the joined hosts."""
    here = [sys.executable, os.path.abspath(__file__)]
    with subprocess.Popen(on(1, [*here, "answer", ADDRESSES[1]])) as server:
        time.sleep(0.5)
        words = subprocess.check_output(on(0, [*here, "ask", ADDRESSES[1]]), text=True).split()
        server.wait()
    return float(words[0]), float(words[1])


if __name__ == "__main__":
    {"answer": answer, "ask": ask}[sys.argv[1]](sys.argv[2])
