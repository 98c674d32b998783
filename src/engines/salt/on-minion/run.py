# Runs a task to its end and keeps its output.
import fcntl, select


def run(order):
    account = Account(order.get("become"))
    environment = account.environment()
    environment.update(order.get("environment") or {})
    folder = claim(order["id"])
    content = -1
    if order.get("secretsFile") is not None:
        with os.fdopen(taken(order["secretsFile"])) as file:
            environment.update(loads(file.read()))
    if order.get("contentFile") is not None:
        content = taken(order["contentFile"])
    elif order.get("sent"):
        content = taken(os.path.join(folder, "content"))
    environment[MARK] = os.path.basename(folder)
    write(folder, "keeper", str(os.getpid()))
    outputs = [Output(folder, "out", order["outputBytes"]), Output(folder, "err", order["outputBytes"])]
    BEGUN.append(order["id"])
    began = time.monotonic()
    pid = begin(order, account, content, environment, outputs)
    # What earlier executions left goes while the task runs.
    attempt(drop, order.get("drop") or ())
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


class Output:
    """One stream of the task: the first bytes are kept in a file, all are counted."""

    def __init__(self, folder, name, limit):
        self.path = os.path.join(folder, name)
        self.room = limit
        self.total = 0
        self.lost = False
        self.file = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self.reader, self.writer = os.pipe()
        try:
            fcntl.fcntl(self.reader, 1031, 1 << 20)  # F_SETPIPE_SZ
        except OSError:
            pass

    def take(self):
        """Reads what is there; False at the stream's end."""
        data = os.read(self.reader, 1 << 20)
        self.total += len(data)
        part = memoryview(data)[: self.room]
        self.room -= len(part)
        try:
            while part and not self.lost:
                part = part[os.write(self.file, part) :]
        except OSError:
            self.lost = True
        return len(data) > 0


def taken(path):
    """Opens a file that was sent for this execution alone, and removes it from the host."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    except OSError:
        raise Refused("What was sent for the task is no longer on this host.")
    os.unlink(path)
    try:
        os.rmdir(os.path.dirname(path))
    except OSError:
        pass
    return file


def begin(order, account, content, environment, outputs):
    pid = os.fork()
    if pid == 0:
        try:
            os.setsid()
            os.dup2(os.open("/dev/null", os.O_RDONLY), 0)
            os.dup2(outputs[0].writer, 1)
            os.dup2(outputs[1].writer, 2)
            for kind in (signal.SIGPIPE, signal.SIGXFSZ):
                signal.signal(kind, signal.SIG_DFL)
            if content >= 0:
                os.dup2(content, 3)
                content = 3
            os.closerange(4 if content == 3 else 3, 256)
            child(order, account, content, environment)
        except BaseException as error:
            try:
                say("The task could not be started: %s\n" % error)
            finally:
                os._exit(126)
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
            asked = os.path.exists(os.path.join(folder, "stop"))
            if asked or time.monotonic() > deadline:
                timed_out = not asked
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
    for name, output in zip(("out", "err"), outputs):
        answer[name] = packed(output.path, 0, order["inlineBytes"], order["inlineRoom"])
    if os.WIFSIGNALED(status):
        answer["signal"] = signal_name(os.WTERMSIG(status))
    else:
        answer["exit"] = os.WEXITSTATUS(status)
    if left is not None:
        answer.update(left=left, timedOut=timed_out)
    return answer


def signal_name(number):
    import signal

    try:
        return signal.Signals(number).name[3:]
    except ValueError:
        # Most real-time signals have no name.
        return str(number)


OPERATIONS["run"] = run
