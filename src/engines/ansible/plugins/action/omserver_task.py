"""
One task of OMServer on one host: a program, a script or a file.

What is to be done stands in a JSON file of the job (OMSERVER_JOB_FOLDER), never in a playbook or a variable, so no
template engine ever sees a value. Files go by Ansible's own `copy`; programs by the module omserver_host, which keeps
environment entries out of process lists and brings bytes, signals and time limits exactly.
"""
from __future__ import absolute_import, division, print_function

__metaclass__ = type

import base64
import json
import os
import signal

import omserver_engine
from ansible.module_utils.common.text.converters import to_text
from ansible.plugins.action import ActionBase

# Characters of base64 (so many that they end with a whole group) that are told in the event itself.
LONG = 65536


class ActionModule(ActionBase):
    TRANSFERS_FILES = True
    _supports_check_mode = True

    def run(self, tmp=None, task_vars=None):
        result = super(ActionModule, self).run(tmp, task_vars)
        with open(os.path.join(omserver_engine.JOB, os.environ.get('OMSERVER_TASK', 'task.json')), 'rb') as file:
            task = json.loads(file.read().decode('utf-8'))
        execution = to_text(task_vars['omserver_execution'])
        self._vars = task_vars
        if self._task.check_mode and task['mode'] == 'run':
            result.update(skipped=True, omserver={'checked': True})
            return result
        try:
            if task['mode'] == 'file':
                result.update(self._file(task, execution))
            else:
                result.update(self._host(dict(task, execution=execution)))
        finally:
            self._remove_tmp_path(self._connection._shell.tmpdir)
        answer = result.get('omserver')
        if answer is not None:
            store(answer, task_vars['omserver_position'])
            result['failed'] = False
        return result

    def _host(self, spec):
        """The answer of the host's module, or Ansible's own failure (no Python, no such user …)."""
        packed = base64.b64encode(json.dumps(spec).encode('utf-8')).decode('ascii')
        return self._execute_module(module_name='omserver_host', module_args={'spec': packed}, task_vars=self._vars)

    def _file(self, task, execution):
        look = self._host(dict(task['file'], mode='look', execution=execution))
        seen = look.get('omserver')
        if seen is None:
            return look
        if 'problem' in seen:
            return answered(1, '', seen['problem'] + '\n')
        put = {'changed': False}
        attributes = dict((name, task['copy'][name]) for name in ('owner', 'group', 'mode') if name in task['copy'])
        if not seen['same'] or attributes:
            put = self._put(task, seen, attributes)
            if 'omserver' in put or put.get('failed'):
                return put
        return self._finished(task, execution, seen, put)

    def _put(self, task, seen, attributes):
        """By Ansible's copy: SHA-1 on both sides, then an atomic rename."""
        if seen['same']:
            arguments = dict(attributes, path=task['file']['destination'])
            return self._execute_module(module_name='ansible.legacy.file', module_args=arguments, task_vars=self._vars)
        source = {'path': os.devnull} if self._task.check_mode else omserver_engine.ask({'ask': 'content'})
        if 'problem' in source:
            return answered(1, '', source['problem'] + '\n')
        if not seen['there'] and 'mode' not in attributes:
            attributes['mode'] = '0644'
        if self._task.check_mode:
            return {'changed': True}
        copy = self._task.copy()
        copy.args = dict(
            attributes,
            src=source['path'],
            dest=task['file']['destination'],
            backup=task['copy']['keepOld'] and seen['there'],
            follow=False,
        )
        action = self._shared_loader_obj.action_loader.get(
            'ansible.legacy.copy',
            task=copy,
            connection=self._connection,
            play_context=self._play_context,
            loader=self._loader,
            templar=self._templar,
            shared_loader_obj=self._shared_loader_obj,
        )
        return action.run(task_vars=self._vars)

    def _finished(self, task, execution, seen, put):
        destination = task['file']['destination']
        changed = bool(put.get('changed'))
        if self._task.check_mode:
            what = 'unchanged' if not changed else 'would set owner and mode' if seen['same'] else 'would write'
            return dict(answered(0, '%s: %s\n' % (what, destination), ''), changed=changed)
        after = task.get('after') if changed or task.get('afterAlways') else None
        text = 'unchanged: %s\n' % destination
        answer = {}
        if after is not None or changed:
            spec = dict(task['file'], mode='finish', execution=execution, backup=put.get('backup_file'), after=after)
            done = self._host(spec)
            answer = done.get('omserver')
            if answer is None:
                return done
            if 'problem' in answer:
                return answered(1, '', answer['problem'] + '\n')
        if changed and seen['same']:
            text = 'owner and mode set: %s\n' % destination
        elif changed:
            kept = ', old one kept as %s' % answer['kept'] if answer.get('kept') else ''
            facts = (destination, task['bytes'], task['file']['sha256'][:12], kept)
            text = u'written: %s (%s bytes, SHA-256 %s…%s)\n' % facts
        result = answered(0, text, '')
        if answer.get('after'):
            result['omserver'] = dict(answer['after'], before=result['omserver']['stdout'])
        result['changed'] = changed
        return result


def answered(code, out, err):
    def stream(text):
        data = text.encode('utf-8', 'surrogateescape')
        return {'data': base64.b64encode(data).decode('ascii'), 'bytes': len(data)}

    return {'omserver': {'exit': code, 'signal': None, 'stdout': stream(out), 'stderr': stream(err)}}


def store(answer, position):
    """Nothing runs any more: however long the engine has no room for what was printed, the task's time is not over."""
    signal.alarm(0)
    for name in ('stdout', 'stderr'):
        stream = answer.get(name)
        if stream is None or len(stream['data']) < LONG:
            continue
        data = base64.b64decode(stream['data'])
        size = len(data)
        path = omserver_engine.lay_down('%s.%s' % (position, name), data)
        if path is None:
            stream.update(data=stream['data'][:LONG], lost=True)
            continue
        stream['file'] = path
        # While it waits it holds nothing.
        del stream['data'], data
        omserver_engine.wait_for_room(size)
