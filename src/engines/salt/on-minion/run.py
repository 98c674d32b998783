# Runs a task to its end and keeps its output.
import _signal as signal
import binascii, select


def run(order):
    account = Account(order.get("become"))
    environment = account.environment()
    environment.update(order.get("environment") or {})
    folder = claim(order["id"])
    content = -1
    if order.get("secretsFile") is not None:
        rest()
        environment.update(loads(text_taken(order["secretsFile"])))
    if order.get("contentFile") is not None or order.get("sent"):
        rest()
        content = taken(order.get("contentFile") or folder + "/content")
    environment[MARK] = folder.rsplit("/", 1)[1]
    write(folder, "keeper", str(os.getpid()))
    outputs = [Output(folder + "/out", order["outputBytes"]), Output(folder + "/err", order["outputBytes"])]
    BEGUN.append(order["id"])
    began = time.monotonic()
    pid = begin(order, account, content, environment, outputs)
    # What earlier executions left goes while the task runs.
    attempt(tidy, order.get("drop") or ())
    answer = watch(order, folder, pid, outputs)
    answer["milliseconds"] = int((time.monotonic() - began) * 1000)
    attempt(write, folder, "answer", dumps(answer))
    return answer


def attempt(function, *arguments):
    """What fails on a full disk, when the task runs already, must not end what keeps it."""
    try:
        function(*arguments)
    except OSError:
        pass


def tidy(ids):
    drop(ids)
    try:
        due = time.time() - os.stat(BASE + "/swept").st_mtime > 3600
    except OSError:
        due = True
    if due:
        rest()
        sweep()


class Output:
    """One stream of the task: the first bytes are kept in a file, all are counted. Without any there is no file."""

    def __init__(self, path, limit):
        self.path = path
        self.room = limit
        self.total = 0
        self.lost = False
        self.file = None
        self.most = 65536
        self.reader, self.writer = os.pipe()

    def take(self):
        """Reads what is there; False at the stream's end."""
        data = os.read(self.reader, self.most)
        if len(data) == self.most == 65536:
            rest()
            widen(self)
        self.total += len(data)
        part = memoryview(data)[: self.room]
        self.room -= len(part)
        try:
            if part and self.file is None:
                self.file = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
            while part and not self.lost:
                part = part[os.write(self.file, part) :]
        except OSError:
            self.lost = True
        return len(data) > 0

    def told(self, order):
        """What of it goes with the answer."""
        if 0 < self.total <= min(1024, order["inlineBytes"], order["outputBytes"]) and not self.lost:
            raw = binascii.b2a_base64(content_of(self.path), newline=False).decode()
            return {"at": 0, "bytes": self.total, "raw": raw}
        if self.total == 0:
            return {"at": 0, "bytes": 0, "data": ""}
        rest()
        return packed(self.path, 0, order["inlineBytes"], order["inlineRoom"])


def begin(order, account, content, environment, outputs):
    pid = None
    if not account.other and order["kind"] != "file":
        pid = spawn(order, account, environment, outputs)
    if pid is None:
        rest()
        pid = fork(order, account, content, environment, outputs)
    for output in outputs:
        os.close(output.writer)
    if content >= 0:
        os.close(content)
    return pid


def watch(order, folder, pid, outputs):
    """Until the task has ended and its output is read: keeps the time, and ends the task when it is told to."""
    attempt(write, folder, "process", "%d %s" % (pid, (stat_of(pid) or ("",) * 5)[4]))
    deadline = time.monotonic() + order["runMilliseconds"] / 1000.0
    streams = {output.reader: output for output in outputs}
    poll = select.poll()
    for reader in streams:
        poll.register(reader, select.POLLIN | select.POLLHUP)
    status, quiet_since, left, timed_out = None, time.monotonic(), None, False
    while streams or status is None:
        if status is None and left is None:
            asked = exists(folder + "/stop")
            if asked or time.monotonic() > deadline:
                timed_out = not asked
                rest()
                left = end_tree(folder)
        # Without an open stream it only waits for the process.
        for reader, _ in poll.poll(100 if streams else 10):
            quiet_since = time.monotonic()
            if not streams[reader].take():
                poll.unregister(reader)
                del streams[reader]
        if status is None:
            done, found = os.waitpid(pid, os.WNOHANG)
            if done:
                status, quiet_since = found, time.monotonic()
        elif streams and time.monotonic() - quiet_since > 1:
            # Something was left in the background with the output open: it is not waited for.
            break
    answer = {"stdout": outputs[0].total, "stderr": outputs[1].total}
    answer["lost"] = bool(streams) or any(output.lost for output in outputs)
    answer.update(out=outputs[0].told(order), err=outputs[1].told(order))
    if os.WIFSIGNALED(status):
        rest()
        answer["signal"] = signal_name(os.WTERMSIG(status))
    else:
        answer["exit"] = os.WEXITSTATUS(status)
    if left is not None:
        answer.update(left=left, timedOut=timed_out)
    return answer


OPERATIONS["run"] = run
