# The program of a task, and the quick way to start it.
import errno


def encoded(text):
    """As this host's programs take it, whatever the language of the minion."""
    return text if isinstance(text, bytes) else text.encode("utf-8", "surrogateescape")


def words_of(order):
    """The words of a command or a script, and the texts that it reads by descriptor."""
    if order["kind"] == "script":
        return order["interpreter"] + ["/dev/fd/3"] + order["arguments"], {3: order["script"].encode()}
    if order.get("stdin") is None:
        return order["argv"], {}
    import binascii

    return order["argv"], {0: binascii.a2b_base64(order["stdin"])}


def spooled(data):
    """A descriptor from which this text is read; no file of that name exists."""
    if hasattr(os, "memfd_create"):
        file = os.memfd_create("om")
    else:
        import tempfile

        with tempfile.TemporaryFile() as made:
            file = os.dup(made.fileno())
    view = memoryview(data)
    while view:
        view = view[os.write(file, view) :]
    os.lseek(file, 0, 0)
    return file


def tried(start, argv, environment):
    """
    What `start` makes of the first place in which the program is found. Where none is, the errno: as with shells, what is
    there and cannot be run counts more than where it is not.
    """
    argv = [encoded(word) for word in argv]
    environment = {encoded(name): encoded(value) for name, value in environment.items()}
    path = environment.get(b"PATH", b"/bin:/usr/bin")
    problem = errno.ENOENT
    for folder in [b""] if b"/" in argv[0] else path.split(b":"):
        try:
            return start(folder + b"/" + argv[0] if folder else argv[0], argv, environment), None
        except OSError as error:
            if error.errno not in (errno.ENOENT, errno.ENOTDIR) and problem == errno.ENOENT:
                problem = error.errno
    return None, problem


def spawn(order, account, environment, outputs):
    """
    The process of a task that runs as the minion's own account. None where it cannot be made in this way: another way
    may work, or say why it does not.
    """
    given = []
    mask = os.umask(0o022)
    try:
        account.become()
        argv, texts = words_of(order)
        actions = [(os.POSIX_SPAWN_OPEN, 0, "/dev/null", os.O_RDONLY, 0)]
        actions += [(os.POSIX_SPAWN_DUP2, output.writer, number + 1) for number, output in enumerate(outputs)]
        for number, text in texts.items():
            given.append(spooled(text))
            actions.append((os.POSIX_SPAWN_DUP2, given[-1], number))
        more = {"file_actions": actions, "setsid": True, "setsigdef": [signal.SIGPIPE, signal.SIGXFSZ]}
        return tried(lambda *program: os.posix_spawn(*program, **more), argv, environment)[0]
    except Exception:
        # An older Python or C library, or words that no program can have.
        return None
    finally:
        os.umask(mask)
        for file in given:
            os.close(file)
