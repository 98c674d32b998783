"""
Tells OMServer what happens on each host as it happens: one JSON line an event on the descriptor OMSERVER_EVENTS.
A reader that is slow holds Ansible back, so memory stays bounded on both sides.
"""
from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = '''
    name: omserver
    type: stdout
    short_description: events for OMServer
    description: One JSON line an event, on a descriptor of its own.
'''

import difflib
import json
import os
import resource

import omserver_engine
from ansible.plugins.callback import CallbackBase

LIMIT = int(os.environ.get('OMSERVER_OUTPUT_LIMIT', '1048576'))
INLINE = 65536
# By it everything that plays run on a host is found again; see omserver_host.
MARK = os.environ.get('OMSERVER_MARK_PLAYS')
# All that is told of what the steps of plays print.
STEP_OUTPUT = 4096
LONGEST_DIFF = 65536
LONGEST_MESSAGE = 4096
LARGEST_FACTS = 262144
FACT_ACTIONS = frozenset(prefix + name for prefix in ('', 'ansible.builtin.', 'ansible.legacy.')
                         for name in ('setup', 'gather_facts'))


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = 'stdout'
    CALLBACK_NAME = 'omserver'

    def __init__(self, *args, **kwargs):
        super(CallbackModule, self).__init__(*args, **kwargs)
        self._events = os.fdopen(int(os.environ['OMSERVER_EVENTS']), 'wb', 0)
        self._play = ''
        self._outputs = 0
        memory = int(os.environ.get('OMSERVER_MEMORY', '0'))
        if memory > 0:
            # A host that answers without end must not take the controller's memory.
            resource.setrlimit(resource.RLIMIT_AS, (memory, memory))

    def _tell(self, kind, **fields):
        fields['kind'] = kind
        data = memoryview(json.dumps(fields, default=repr).encode('ascii') + b'\n')
        try:
            while len(data) > 0:
                data = data[self._events.write(data):]
        except OSError:
            # The controller is gone: nothing more is to begin.
            os._exit(1)

    # What runs --------------------------------------------------------------------------------------------------

    def v2_playbook_on_start(self, playbook):
        self._tell('begin')

    def v2_playbook_on_play_start(self, play):
        self._play = play.get_name().strip()
        if MARK:
            play.environment = list(play.environment or []) + [{'OMSERVER_EXECUTION': MARK}]

    def v2_runner_on_start(self, host, task):
        self._tell('start', host=host.get_name())

    def v2_runner_on_ok(self, result):
        self._result(result, 'changed' if result._result.get('changed') else 'ok')

    def v2_runner_on_failed(self, result, ignore_errors=False):
        self._result(result, 'failed', ignored=bool(ignore_errors))

    def v2_runner_on_skipped(self, result):
        self._result(result, 'skipped')

    def v2_runner_on_unreachable(self, result):
        self._result(result, 'unreachable')

    def v2_playbook_on_stats(self, stats):
        hosts = dict((host, stats.summarize(host)) for host in stats.processed)
        self._tell('stats', hosts=hosts)

    def v2_playbook_on_no_hosts_matched(self):
        self._tell('problem', text='No host of the run is meant by this play.')

    # A result ---------------------------------------------------------------------------------------------------

    def _result(self, result, status, ignored=False):
        data, task = result._result, result._task
        event = {
            'host': result._host.get_name(),
            'status': status,
            'ignored': ignored,
            'path': [part for part in (self._play, role_of(task)) if part],
            'name': task.get_name().strip(),
            'action': str(task.action),
            'message': message_of(data),
        }
        for name in ('omserver', 'rc'):
            if name in data:
                event[name] = data[name]
        if data.get('timedout') or 'in the expected time frame' in str(data.get('msg', '')):
            event['timedOut'] = True
        diff = diff_of(data)
        if diff:
            event['diff'] = diff
        for name in ('stdout', 'stderr', 'module_stdout', 'module_stderr'):
            if isinstance(data.get(name), str) and data[name] and 'omserver' not in data:
                event[name] = self._text(data[name])
        facts = data.get('ansible_facts')
        if task.action in FACT_ACTIONS and isinstance(facts, dict):
            text = json.dumps(facts, default=repr)
            if len(text) <= LARGEST_FACTS:
                event['facts'] = json.loads(text)
        elif 'omserver' not in data:
            event['answer'] = plain_answer(data)
        self._tell('result', **event)

    def _text(self, text):
        """Bytes as the host printed them: Ansible carries what is no UTF-8 as surrogates."""
        data = text.encode('utf-8', 'surrogateescape')
        kept = data[:STEP_OUTPUT if MARK else LIMIT]
        if len(kept) <= INLINE:
            return {'text': kept.decode('latin-1'), 'bytes': len(data)}
        self._outputs += 1
        path = omserver_engine.lay_down('result-%d' % self._outputs, kept)
        if path is None:
            return {'text': kept[:INLINE].decode('latin-1'), 'bytes': len(data), 'lost': True}
        # Here it is Ansible itself that waits, and all hosts with it: results of modules come through its own hands.
        omserver_engine.wait_for_room(len(kept))
        return {'file': path, 'bytes': len(data)}


def role_of(task):
    role = getattr(task, '_role', None)
    return role.get_name() if role is not None else ''


def message_of(data):
    for name in ('msg', 'reason', 'skip_reason', 'censored'):
        if data.get(name):
            text = data[name]
            return (text if isinstance(text, str) else json.dumps(text, default=repr))[:LONGEST_MESSAGE]
    return ''


HIDDEN = frozenset(('invocation', 'diff', 'stdout', 'stderr', 'stdout_lines', 'stderr_lines', 'msg', 'exception',
                    'module_stdout', 'module_stderr', 'ansible_facts', 'warnings', 'deprecations', 'failed', 'results'))


def plain_answer(data):
    """What a module returned besides the usual, as JSON of at most 64 KiB."""
    kept = dict((name, value) for name, value in data.items() if name not in HIDDEN and not name.startswith('_ansible'))
    text = json.dumps(kept, default=repr, indent=2, sort_keys=True, ensure_ascii=False)
    return text[:INLINE]


def diff_of(data):
    diffs = data.get('diff') or []
    texts = []
    for diff in diffs if isinstance(diffs, list) else [diffs]:
        if not isinstance(diff, dict):
            continue
        if 'prepared' in diff:
            texts.append(str(diff['prepared']))
        elif 'before' in diff and 'after' in diff:
            texts.append(unified(diff))
        for name in ('src_binary', 'dst_binary', 'src_larger', 'dst_larger'):
            if name in diff:
                texts.append('No difference is shown: %s.\n' % name.replace('_', ' is '))
    text = ''.join(texts)
    if len(text) > LONGEST_DIFF:
        text = text[:LONGEST_DIFF - 60].rsplit('\n', 1)[0] + '\n… cut here: the difference is longer.\n'
    return text


def heading(text):
    """Not the way to a temporary file of the controller: it would make equal differences of hosts unequal."""
    return os.path.basename(text) if omserver_engine.OUTPUT and text.startswith(omserver_engine.OUTPUT) else text


def unified(diff):
    sides = []
    for name in ('before', 'after'):
        value = diff[name]
        text = value if isinstance(value, str) else json.dumps(value, default=repr, indent=2, sort_keys=True)
        sides.append(text[:4 * LONGEST_DIFF].splitlines(True))
    if sides[0] == sides[1]:
        return ''
    heads = [heading(str(diff.get(name + '_header') or name)) for name in ('before', 'after')]
    lines = difflib.unified_diff(sides[0], sides[1], heads[0], heads[1])
    return ''.join(line if line.endswith('\n') else line + '\n' for line in lines)
