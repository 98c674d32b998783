# What few runs need.


def taken(path):
    """Opens a file that was sent for this execution alone, and removes it from the host."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    except OSError:
        raise Refused("What was sent for the task is no longer on this host.")
    os.unlink(path)
    try:
        os.rmdir(path.rsplit("/", 1)[0])
    except OSError:
        pass
    return file


def text_taken(path):
    with open(taken(path), encoding="utf-8") as file:
        return file.read()


def widen(output):
    """For a stream on which much comes."""
    import fcntl

    output.most = 1 << 20
    try:
        fcntl.fcntl(output.reader, 1031, 1 << 20)  # F_SETPIPE_SZ
    except OSError:
        pass


def signal_name(number):
    import signal

    try:
        return signal.Signals(number).name[3:]
    except ValueError:
        # Most real-time signals have no name.
        return str(number)
