"""Raw HTTP/2 over a socket: frames as they are, right or wrong.

Not here: what is attacked and what is expected (attacks.py). Needs: hpack (it comes with h2).
"""

import socket
import struct
import time

import hpack

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = range(10)
END_STREAM, END_HEADERS, PADDED, ACK = 0x1, 0x4, 0x8, 0x1


def frame(kind, flags=0, stream=0, payload=b"", length=None):
    """One frame. `length` lies about the payload."""
    length = len(payload) if length is None else length
    return struct.pack(">I", length)[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


def setting(identifier, value):
    return struct.pack(">HI", identifier, value)


def headers(path="/dsasignal.v1.ScoringService/ScoreListing", extra=()):
    """A block of headers as gRPC sends it, without touching the dynamic table."""
    fields = [
        (":method", "POST"),
        (":scheme", "http"),
        (":path", path),
        (":authority", "x"),
        ("te", "trailers"),
        ("content-type", "application/grpc"),
        *extra,
    ]
    encoder = hpack.Encoder()
    encoder.header_table_size = 0
    return encoder.encode([hpack.NeverIndexedHeaderTuple(*field) for field in fields], huffman=False)


def message(body=b"", compressed=0, length=None):
    """One message of gRPC. `length` lies about the body."""
    return struct.pack(">BI", compressed, len(body) if length is None else length) + body


def field(number, body):
    """One field of protobuf with a length."""
    size, prefix = len(body), b""
    while size > 0x7F:
        prefix, size = prefix + bytes([size & 0x7F | 0x80]), size >> 7
    return bytes([number << 3 | 2]) + prefix + bytes([size]) + body


def listing(title=b"Wooden chair"):
    return field(1, b"l-1") + field(2, b"s-1") + field(3, title)


class Connection:
    """A connection on which anything may be sent."""

    def __init__(self, host, port, settings=b"", preface=True, window=None):
        self.socket = socket.create_connection((host, port), timeout=10)
        self.buffer = b""
        if window is not None:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window)
        if preface:
            self.send(PREFACE + frame(SETTINGS, payload=settings))

    def send(self, bytes_):
        """False if the other side has had enough."""
        try:
            self.socket.sendall(bytes_)
            return True
        except OSError:
            return False

    def read_frame(self, most):
        """(kind, flags, stream, payload), or None at the end, or `...` if nothing comes."""
        end = time.monotonic() + most
        while True:
            if len(self.buffer) >= 9:
                length = int.from_bytes(self.buffer[:3], "big")
                if len(self.buffer) >= 9 + length:
                    kind, flags = self.buffer[3], self.buffer[4]
                    stream = int.from_bytes(self.buffer[5:9], "big") & 0x7FFFFFFF
                    payload, self.buffer = self.buffer[9 : 9 + length], self.buffer[9 + length :]
                    return kind, flags, stream, payload
            left = end - time.monotonic()
            if left <= 0:
                return ...
            self.socket.settimeout(left)
            try:
                read = self.socket.recv(65536)
            except TimeoutError:
                return ...
            except OSError:
                return None
            if not read:
                return None
            self.buffer += read

    def frames(self, most):
        """Frames until the end of the connection or of the time; the last item says which: "closed" or "open"."""
        end = time.monotonic() + most
        seen = []
        while True:
            got = self.read_frame(max(0.0, end - time.monotonic()))
            if got is None:
                return seen, "closed"
            if got is ...:
                return seen, "open"
            seen.append(got)

    def close(self):
        self.socket.close()


def statuses(frames):
    """grpc-status by stream."""
    decoder, found = hpack.Decoder(), {}
    for kind, _, stream, payload in frames:
        if kind == HEADERS:
            for name, value in decoder.decode(payload):
                if name == "grpc-status":
                    found[stream] = int(value)
    return found


def goaway(frames):
    """Error codes of GOAWAY frames."""
    return [int.from_bytes(payload[4:8], "big") for kind, _, _, payload in frames if kind == GOAWAY]
