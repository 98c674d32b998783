# The account that a task runs as.
import pwd


class Account:
    def __init__(self, name):
        me = os.getuid()
        try:
            entry = pwd.getpwuid(me) if name is None else pwd.getpwnam(name)
        except KeyError:
            if name is not None:
                raise Refused("There is no account “%s” on this host." % name)
            entry = None
        self.uid = me if entry is None else entry.pw_uid
        self.gid = os.getgid() if entry is None else entry.pw_gid
        self.name = str(me) if entry is None else entry.pw_name
        self.home = "/" if entry is None else entry.pw_dir
        self.shell = "/bin/sh" if entry is None or not entry.pw_shell else entry.pw_shell
        self.other = self.uid != me
        if self.other and me != 0:
            raise Refused(
                "The minion on this host does not run as root, so it cannot become “%s”. Run it as root." % self.name
            )

    def become(self):
        if self.other:
            os.initgroups(self.name, self.gid)
            os.setgid(self.gid)
            os.setuid(self.uid)
        try:
            os.chdir(self.home)
        except OSError:
            os.chdir("/")

    def environment(self):
        kept = (b"LANG", b"LANGUAGE", b"LC_ALL", b"LC_CTYPE", b"LC_MESSAGES", b"TZ", b"TMPDIR")
        found = {name.decode(): posix.environ[name] for name in kept if name in posix.environ}
        path = posix.environ.get(b"PATH", b"").decode("utf-8", "surrogateescape")
        sane = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        found.update(
            HOME=self.home,
            USER=self.name,
            LOGNAME=self.name,
            SHELL=self.shell,
            PATH=path + ":" + sane if path else sane,
            SHLVL="1",
        )
        return found
