"""A controller of the first OMServer's shape for tests: real rpyc, RC4 and base64, one HTML answer for all hosts.

Its one argument is a JSON object of options; it prints its port, and writes every opened request to stdout after that.
"""

import base64
import hashlib
import html
import json
import os
import sys
import threading
import time

import rpyc
from rpyc.utils.server import ThreadedServer

OPTIONS = json.loads(sys.argv[1])
KEY = OPTIONS["key"].encode()


def rc4(key, data):
    state, j, out = list(range(256)), 0, bytearray()
    for i in range(256):
        j = (j + state[i] + key[i % len(key)]) % 256
        state[i], state[j] = state[j], state[i]
    i = j = 0
    for byte in bytearray(data):
        i = (i + 1) % 256
        j = (j + state[i]) % 256
        state[i], state[j] = state[j], state[i]
        out.append(byte ^ state[(state[i] + state[j]) % 256])
    return bytes(out)


def seal(text):
    salt = os.urandom(16)
    return base64.b64encode(salt + rc4(hashlib.sha1(KEY + salt).digest(), text.encode("utf-8"))).decode()


def unseal(sealed):
    data = base64.b64decode(sealed)
    return rc4(hashlib.sha1(KEY + data[:16]).digest(), data[16:]).decode("utf-8")


def answer(request):
    parts = request.split("@@")[:-1]
    module, hosts, parameters = parts[0], parts[1].split(","), parts[2:]
    if module not in OPTIONS["modules"]:
        return 'Module "Mid_%s" does not exist, Please add it' % module
    sections = []
    for host in hosts:
        address, name = host.split("*")
        given = OPTIONS.get("answers", {}).get(name, {})
        if given.get("silent"):
            continue
        status = "失败" if given.get("fails") else "成功"
        output = given.get("html") or "x" * given.get("bytes", 0) or html.escape("%s on %s with %s" % (module, address, parameters)).replace("\n", "<br>")
        sections.append(
            '<p>主机：<b>%s</b>&nbsp;&nbsp;运行状态：<font color="#00FF00">%s</font><br>%s<br></p>' % (name, status, output)
        )
    return "".join(sections)


class Service(rpyc.Service):
    verified = False

    def exposed_login(self, user, password):
        self.verified = user == OPTIONS["user"] and password == OPTIONS["password"]
        return None

    def exposed_Runcommands(self, sealed):
        if not self.verified:
            return seal("User verify failed!")
        request = unseal(sealed)
        print(json.dumps(request))
        sys.stdout.flush()
        time.sleep(OPTIONS.get("slowSeconds", 0))
        return seal(answer(request))


server = ThreadedServer(Service, hostname="127.0.0.1", port=0)
# Its own thread would only begin to listen after the port is told.
server.listener.listen(10)
serving = threading.Thread(target=server.start)
serving.daemon = True
serving.start()
print(server.port)
sys.stdout.flush()
sys.stdin.read()
