# Finds and ends what an execution started.
try:
    import _signal as signal
except ImportError:
    import signal


def tree(roots, sessions, mark):
    """All processes that began with an execution: by descent, group, session, or the mark in their environment."""
    found, parents = set(), {}
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        pid = int(name)
        seen = stat_of(pid)
        if seen is None or seen[3] in "ZX" or pid == os.getpid():
            continue
        parents[pid] = seen[0]
        if pid in roots or seen[1] in sessions or seen[2] in sessions:
            found.add(pid)
            continue
        try:
            with open("/proc/%d/environ" % pid, "rb") as file:
                if mark in file.read(1 << 20).split(b"\0"):
                    found.add(pid)
        except OSError:
            pass
    grown = True
    while grown:
        grown = False
        for pid, parent in parents.items():
            if pid not in found and parent in found:
                found.add(pid)
                grown = True
    return found


def end_tree(folder):
    """TERM, two seconds later KILL. Returns what is left: an empty list is the proof that nothing is."""
    pid, born = (read(folder, "process") or "0 ").split(" ")
    pid = int(pid)
    mark = ("%s=%s" % (MARK, folder.rsplit("/", 1)[1])).encode()
    if not exists("/proc/self"):
        return end_group(pid)
    began = time.time()
    sent = None
    while True:
        now = stat_of(pid)
        # The number may have gone to a process of somebody else's meanwhile.
        roots = {pid} if pid and (now is None or now[4] == born) else set()
        left = tree(roots, roots, mark)
        left.discard(int(read(folder, "keeper") or 0))
        if not left or time.time() - began > 7:
            return sorted(left)
        kind = signal.SIGTERM if time.time() - began < 2 else signal.SIGKILL
        if kind != sent or kind == signal.SIGKILL:
            sent = kind
            for each in left:
                try:
                    os.kill(each, kind)
                    os.kill(each, signal.SIGCONT)
                except OSError:
                    pass
        time.sleep(0.03)


def end_group(pid):
    for kind, seconds in ((signal.SIGTERM, 2), (signal.SIGKILL, 5)):
        until = time.time() + seconds
        while time.time() < until:
            try:
                os.killpg(pid, kind)
            except OSError:
                return []
            time.sleep(0.1)
    return [pid]
