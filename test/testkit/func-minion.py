"""A Func minion for tests, as its wire is described: XML-RPC over HTTPS with certificates on both sides.

It runs on Python 2.7, which original minions run on, and on Python 3. One process answers at every address of
127.0.0.0/8. Its options are one JSON object in the first argument; it prints its port, then serves until its input ends.
"""

from __future__ import print_function

import base64
import hashlib
import io
import json
import os
import socket
import ssl
import subprocess
import sys
import threading
import time
import traceback

try:
    import xmlrpclib
    from SimpleXMLRPCServer import SimpleXMLRPCDispatcher, SimpleXMLRPCRequestHandler
    from SocketServer import TCPServer, ThreadingMixIn
except ImportError:
    import xmlrpc.client as xmlrpclib
    from socketserver import TCPServer, ThreadingMixIn
    from xmlrpc.server import SimpleXMLRPCDispatcher, SimpleXMLRPCRequestHandler

OPTIONS = json.loads(sys.argv[1])
PYTHON2 = sys.version_info[0] == 2


class AccessToMethodDenied(Exception):
    pass


def text(data):
    """What an old server does with a program's bytes: they stand in the XML as they came."""
    return data if PYTHON2 else data.decode("latin-1")


def stub_result(command):
    """What a host would answer that printed one line, without running anything: benchmarks measure the client."""
    nonce = command.split("om_n=")[1].split(";")[0]
    line = ("%s exec 4711\n%s\n" % (nonce, OPTIONS["stub"])).encode("utf-8")
    frame = "%s b\n%s\n\n%s 0 0 0 \n"
    return [0, frame % (nonce, base64.b64encode(line).decode("ascii"), nonce), frame % (nonce, "", nonce)]


class Command(object):
    def run(self, command, env=None):
        if OPTIONS.get("stub"):
            return stub_result(command)
        shell = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, shell=True, close_fds=True, env=env
        )
        out, err = shell.communicate()
        return [shell.returncode, text(out), text(err)]

    def exists(self, command):
        return os.access(command, os.X_OK)


class CopyFile(object):
    def open(self, path, mode=None, uid=-1, gid=-1):
        try:
            with open(path, "wb"):
                pass
            if mode is not None:
                os.chmod(path, mode)
            os.chown(path, uid, gid)
        except (IOError, OSError):
            return -1
        return path

    def append(self, path, data):
        if not os.path.exists(path):
            return -1
        try:
            with open(path, "ab") as target:
                target.write(data.data)
        except (IOError, OSError):
            return -1
        return 1

    def checksum(self, path):
        with open(path, "rb") as source:
            return hashlib.sha1(source.read()).hexdigest()

    def copyfile(self, path, data, mode=0o644, uid=0, gid=0, force=None):
        try:
            if os.path.exists(path):
                if self.checksum(path) == hashlib.sha1(data.data).hexdigest() and force is None:
                    return 0
                os.rename(path, path + time.strftime(".%Y-%m-%d@%H:%M~"))
            with open(path, "wb") as target:
                target.write(data.data)
            os.chmod(path, mode)
            os.chown(path, uid, gid)
        except (IOError, OSError):
            return -1
        return 1


class Service(object):
    """Scripts of a folder that the test gives stand in for the init scripts of a host."""

    def _call(self, name, verb):
        return subprocess.call([os.path.join(OPTIONS["services"], name), verb])

    def restart(self, name):
        return self._call(name, "restart")

    def status(self, name):
        return self._call(name, "status")


class Test(object):
    def ping(self):
        return 1

    def add(self, one, other):
        return one + other

    def echo(self, value):
        return value

    def bytes(self, data):
        return xmlrpclib.Binary(base64.b64decode(data))

    def latin(self):
        return text(b"caf\xe9 \xe4\xb8\xad")

    def raise_error(self, message):
        raise ValueError(message)

    def sleep(self, seconds):
        time.sleep(seconds)
        return seconds


class Jobs(object):
    def __init__(self):
        self.results = {}
        self.lock = threading.Lock()
        self.last = 0.0

    def begin(self, work):
        with self.lock:
            now = max(time.time(), self.last + 0.01)
            self.last = now
            job = "%.2f-minion" % now
            self.results[job] = (0, -1)

        def run():
            try:
                result = (1, work())
            except Exception:
                result = (4, remote_error())
            if OPTIONS.get("losesJobs"):
                return
            with self.lock:
                self.results[job] = result

        worker = threading.Thread(target=run)
        worker.daemon = True
        worker.start()
        if OPTIONS.get("losesJobs"):
            with self.lock:
                del self.results[job]
        return job

    def job_status(self, job):
        with self.lock:
            state, result = self.results.get(job, (2, -1))
        return [state, result]


def remote_error():
    kind, value, _ = sys.exc_info()
    return ["REMOTE_ERROR", str(kind), str(value), traceback.format_exc()]


MODULES = {
    "command": Command(),
    "copyfile": CopyFile(),
    "service": Service(),
    "test": Test(),
    "jobs": Jobs(),
}


def method_of(name):
    module, _, method = name.partition(".")
    if module not in MODULES or method.startswith("_") or not hasattr(MODULES[module], method):
        raise xmlrpclib.Fault(1, "<class 'func.minion.codes.InvalidMethodException'>:%s" % name)
    return getattr(MODULES[module], method)


def dispatch(name, parameters):
    time.sleep(OPTIONS.get("slowSeconds", 0))
    plain = name[len("async."):] if name.startswith("async.") else name
    if plain in OPTIONS.get("denied", []):
        if OPTIONS.get("denies") == "fault":
            raise xmlrpclib.Fault(1, "<class 'func.minion.codes.AccessToMethodDeniedException'>:%s" % plain)
        try:
            raise AccessToMethodDenied(plain)
        except AccessToMethodDenied:
            return remote_error()
    method = method_of(plain)
    if plain != name:
        return MODULES["jobs"].begin(lambda: method(*parameters))
    try:
        return method(*parameters)
    except Exception:
        return remote_error()


class OriginalConnection(io.RawIOBase):
    """pyOpenSSL's connection as what socketserver wants of a socket: original minions speak TLS by pyOpenSSL."""

    def __init__(self, context, connection):
        from OpenSSL import SSL

        self.ended = (SSL.ZeroReturnError, SSL.SysCallError, SSL.Error)
        self.socket = connection
        self.tls = SSL.Connection(context, connection)
        self.tls.set_accept_state()

    def do_handshake(self):
        self.tls.do_handshake()

    def makefile(self, mode, _=None):
        return io.BufferedReader(self) if "r" in mode else io.BufferedWriter(self)

    def readable(self):
        return True

    def writable(self):
        return True

    def readinto(self, buffer):
        try:
            data = self.tls.recv(len(buffer))
        except self.ended:
            return 0
        buffer[: len(data)] = data
        return len(data)

    def write(self, data):
        self.tls.sendall(memoryview(data).tobytes())
        return len(data)

    def settimeout(self, seconds):
        self.socket.settimeout(seconds)

    def setsockopt(self, *option):
        self.socket.setsockopt(*option)

    def close(self):
        """What the handler's files do at their end; the connection ends afterwards."""

    def shutdown(self, _):
        try:
            self.tls.shutdown()
        except self.ended:
            pass
        self.socket.close()


def original_context():
    """As certmaster makes it. It names no session's context, so a client that resumes a session is turned away."""
    from OpenSSL import SSL

    context = SSL.Context(SSL.SSLv23_METHOD)
    context.set_options(SSL.OP_NO_SSLv2 | SSL.OP_NO_SSLv3)
    if OPTIONS.get("ciphers"):
        context.set_cipher_list(OPTIONS["ciphers"].encode("ascii"))
    if OPTIONS.get("tls") == "TLSv1":
        context.set_options(SSL.OP_NO_TLSv1_1 | SSL.OP_NO_TLSv1_2)
    # Original minions are from long before TLS 1.3, in which nobody is turned away for that.
    context.set_options(0x20000000)
    context.use_certificate_file(OPTIONS["certificate"])
    context.use_privatekey_file(OPTIONS["key"])
    context.load_client_ca(OPTIONS["authority"].encode("utf-8"))
    context.load_verify_locations(OPTIONS["authority"])
    context.set_verify(SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT, lambda *checked: checked[-1])
    return context


class Handler(SimpleXMLRPCRequestHandler):
    rpc_paths = ("/", "/RPC2")
    protocol_version = OPTIONS.get("protocol", "HTTP/1.0")
    timeout = OPTIONS.get("idleSeconds")
    disable_nagle_algorithm = True
    wbufsize = -1

    def setup(self):
        # The handshake belongs to the thread of the connection, or a slow client would hold up all.
        self.request.do_handshake()
        SimpleXMLRPCRequestHandler.setup(self)

    def do_POST(self):
        raw = OPTIONS.get("rawAnswer")
        if raw is None:
            SimpleXMLRPCRequestHandler.do_POST(self)
            return
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(OPTIONS.get("rawStatus", 200))
        self.send_header("Content-type", "text/xml")
        if OPTIONS.get("rawRepeat"):
            self.end_headers()
            piece = base64.b64decode(raw)
            while True:
                self.wfile.write(piece)
        body = base64.b64decode(raw)
        self.send_header("Content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Minion(ThreadingMixIn, TCPServer, SimpleXMLRPCDispatcher):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 1024
    _send_traceback_header = False
    logRequests = False

    def __init__(self, address):
        SimpleXMLRPCDispatcher.__init__(self, allow_none=False, encoding="utf-8" if not PYTHON2 else None)
        TCPServer.__init__(self, address, Handler, bind_and_activate=False)
        self.original = original_context() if OPTIONS.get("pyOpenSSL") else None
        context = ssl.SSLContext(ssl.PROTOCOL_SSLv23 if PYTHON2 else ssl.PROTOCOL_TLS_SERVER)
        if OPTIONS.get("ciphers"):
            context.set_ciphers(OPTIONS["ciphers"])
        if OPTIONS.get("tls") == "TLSv1":
            context.options |= ssl.OP_NO_TLSv1_1 | ssl.OP_NO_TLSv1_2 | ssl.OP_NO_TLSv1_3
            if not PYTHON2:
                context.minimum_version = ssl.TLSVersion.TLSv1
        context.load_cert_chain(OPTIONS["certificate"], OPTIONS["key"])
        context.load_verify_locations(OPTIONS["authority"])
        context.verify_mode = ssl.CERT_REQUIRED
        self.context = context
        # Bound to the loopback device (SO_BINDTODEVICE): every address of 127.0.0.0/8, and nothing outside this machine.
        self.socket.setsockopt(socket.SOL_SOCKET, 25, b"lo\0")
        self.server_bind()
        self.server_activate()

    def get_request(self):
        connection, address = self.socket.accept()
        if self.original is not None:
            return OriginalConnection(self.original, connection), address
        wrapped = self.context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        return wrapped, address

    def handle_error(self, *_):
        if OPTIONS.get("verbose"):
            traceback.print_exc()

    def _dispatch(self, method, parameters):
        return dispatch(method, parameters)


def main():
    minion = Minion(("0.0.0.0", 0))
    serving = threading.Thread(target=minion.serve_forever)
    serving.daemon = True
    serving.start()
    print(minion.server_address[1])
    sys.stdout.flush()
    sys.stdin.read()


main()
