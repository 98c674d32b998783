"""
`ansible-playbook` that starts when it is told to, by one JSON line on its input: reading Ansible's own code, which takes
longest, is done by then. Without a line it ends.
"""
import importlib
import json
import os
import sys

# For the plugins of ours, which find it as it is loaded already.
import omserver_engine  # noqa: E402, F401

# The first entry is this folder, which is nobody's library.
sys.path.pop(0)

from ansible.cli.playbook import main  # noqa: E402

for name in ('executor.playbook_executor', 'plugins.strategy.linear', 'plugins.connection.ssh', 'plugins.shell.sh',
             'plugins.inventory.yaml', 'plugins.become.sudo', 'plugins.action.normal', 'plugins.vars.host_group_vars'):
    try:
        importlib.import_module('ansible.' + name)
    except ImportError:
        # Then Ansible finds it where it has put it.
        pass


def run():
    line = sys.stdin.buffer.readline()
    if not line.endswith(b'\n'):
        sys.exit(0)
    order = json.loads(line.decode('utf-8'))
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.environ.update(order['environment'])
    os.chdir(order['cwd'])
    sys.argv = ['ansible-playbook'] + order['argv']
    sys.exit(main())


if __name__ == '__main__':
    run()
