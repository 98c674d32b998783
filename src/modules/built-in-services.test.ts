import { afterEach, describe, expect, test } from "vitest";
import { builtInModule, builtInTask } from "../../test/testkit/built-in-modules.ts";
import {
  type FabricatedHost,
  fabricatedHostProblem,
  fabricateHost,
  type HostParts,
  shells,
} from "../../test/testkit/fabricated-host.ts";
import { taskKindsOf } from "./engine-tasks.ts";
import { validateParameters } from "./parameters.ts";
import { renderTask } from "./render.ts";

/** Modules 1005 and 1007: files and services, on fabricated hosts. */

const problem = fabricatedHostProblem();
if (problem) console.warn(`The built-in modules' scripts are not tested on fabricated hosts. ${problem}`);
const runs = describe.skipIf(problem !== undefined);
const shellList = shells();
const library = "ab".repeat(32);

let host: FabricatedHost | undefined;
afterEach(async () => {
  await host?.close();
  host = undefined;
});

async function hostWith(parts: HostParts): Promise<FabricatedHost> {
  host = await fabricateHost(parts);
  return host;
}

/** A systemd that knows these units; `failing` ones cannot be restarted, `dying` ones are dead afterwards. */
function systemd(units: readonly string[], failing = "", dying = ""): HostParts {
  const known = units.map((unit) => `${unit}.service`).join("|");
  return {
    files: { "/run/systemd/system/x": "" },
    programs: {
      systemctl: `log "$@"
        for last; do :; done
        case $1 in
          show) case $last in ${known}) echo LoadState=loaded;; *) echo LoadState=not-found;; esac;;
          restart|reload-or-restart) case $last in "${failing}") echo "Job failed." >&2; exit 1;; esac;;
          is-active) case $last in "${dying}") echo failed; exit 3;; *) echo active;; esac;;
          --no-pager) echo "status of $last";;
        esac`,
    },
  };
}

function merged(...parts: HostParts[]): HostParts {
  return {
    files: Object.assign({}, ...parts.map((part) => part.files)),
    programs: Object.assign({}, ...parts.map((part) => part.programs)),
    modes: Object.assign({}, ...parts.map((part) => part.modes)),
    without: parts.flatMap((part) => part.without ?? []),
  };
}

runs.each(shellList)("restart a service, $name", ({ argv: shell }) => {
  test("systemd restarts it and its state is shown", async () => {
    const machine = await hostWith(systemd(["nginx"]));

    const answer = machine.run(builtInTask(1007, { service: "nginx", check: false }), { shell });

    expect(answer).toEqual({ stdout: "status of nginx.service\n“nginx” was restarted.\n", stderr: "", code: 0 });
    expect(await machine.log()).toContain("restart -- nginx.service");
  });

  test.each([
    ["httpd", "apache2"],
    ["apache2", "httpd"],
    ["mysql", "mariadb"],
    ["sshd", "ssh"],
    ["cron", "crond"],
    ["redis", "redis-server"],
  ])("%s is found as %s in the other family", async (name, unit) => {
    const machine = await hostWith(systemd([unit]));

    const answer = machine.run(builtInTask(1007, { service: name, check: false }), { shell });

    expect(answer.stdout).toContain(`“${name}” is called “${unit}” on this host.`);
    expect(await machine.log()).toContain(`restart -- ${unit}.service`);
    expect(answer.code).toBe(0);
  });

  test("a service that is not there is no success", async () => {
    const machine = await hostWith(systemd(["nginx"]));

    const answer = machine.run(builtInTask(1007, { service: "nothere" }), { shell });

    expect(answer).toMatchObject({ stdout: "", stderr: "There is no service “nothere” on this host.\n", code: 1 });
    expect((await machine.log()).some((line) => line.startsWith("restart"))).toBe(false);
  });

  test("a configuration that does not pass keeps the service as it is", async () => {
    const programs = { nginx: 'log nginx "$@"; echo "unexpected }" >&2; exit 1' };
    const machine = await hostWith(merged(systemd(["nginx"]), { programs }));

    const answer = machine.run(builtInTask(1007, { service: "nginx" }), { shell });

    expect(answer.code).toBe(1);
    expect(answer.stderr).toContain("unexpected }");
    expect(answer.stderr).toContain("“nginx” was not restarted: its configuration does not pass “nginx -t”.");
    expect((await machine.log()).some((line) => line.startsWith("restart"))).toBe(false);
  });

  test("a service that cannot be restarted, or dies at once, is no success", async () => {
    const parts = systemd(["nginx", "haproxy"], "nginx.service", "haproxy.service");
    const machine = await hostWith(parts);

    const refused = machine.run(builtInTask(1007, { service: "nginx", check: false }), { shell });
    const died = machine.run(builtInTask(1007, { service: "haproxy", check: false }), { shell });

    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining("“nginx” could not be restarted.") });
    expect(died).toMatchObject({ code: 1, stderr: expect.stringContaining("it is failed now") });
  });

  test.each([
    ["service", { service: 'log service "$@"; [ "$2" != status ] || echo running' }, [], "service lighttpd restart"],
    ["/etc/init.d itself", {}, ["service"], "init restart"],
  ])("without systemd it is %s", async (_name, programs, without, expected) => {
    const machine = await hostWith({
      programs: { ...programs, "note-init": 'log init "$@"' },
      without: ["systemctl", ...without],
      files: { "/etc/init.d/lighttpd": '#!/bin/sh\nnote-init "$@"\n' },
      modes: { "/etc/init.d/lighttpd": 0o755 },
    });

    const answer = machine.run(builtInTask(1007, { service: "lighttpd", check: false }), { shell });

    expect(answer).toMatchObject({ code: 0, stdout: expect.stringContaining("“lighttpd” was restarted.") });
    expect(await machine.log()).toContain(expected);
  });

  test.each(["-H evil", "a;b", "$(id)", "../x", "a b", ""])("%j is no service, whoever says it", async (service) => {
    const machine = await hostWith(systemd(["nginx"]));

    const answer = machine.run(builtInTask(1007, { service, check: false }, true), { shell });

    expect(answer).toMatchObject({ stderr: "That is not the name of a service.\n", code: 1 });
    expect(await machine.log()).toEqual([]);
  });
});

test("Ansible, Salt and Func restart a service by their own modules", () => {
  const manifest = builtInModule(1007);
  const values = validateParameters(manifest, { service: "nginx" });
  const tasks = (["ansible", "salt", "func"] as const).map((id) =>
    renderTask(manifest, values, { id, tasks: taskKindsOf(id) }, () => undefined),
  );

  expect(tasks).toEqual([
    { kind: "native", name: "ansible.builtin.service", arguments: { name: "nginx", state: "restarted" } },
    { kind: "native", name: "service.restart", arguments: { name: "nginx" } },
    { kind: "native", name: "service.restart", arguments: { service_name: "nginx" } },
  ]);
});

describe("sync a file", () => {
  test.each([
    [{ application: "nginx" }, "/etc/nginx/nginx.conf"],
    [{ application: "sysctl" }, "/etc/sysctl.d/90-omserver.conf"],
    [{ path: "/srv/x y" }, "/srv/x y"],
    [{ application: "nginx", path: "/etc/nginx/conf.d/a.conf" }, "/etc/nginx/conf.d/a.conf"],
  ])("%j goes to %s", (values, destination) => {
    expect(builtInTask(1005, { file: library, ...values })).toMatchObject({
      kind: "file",
      sha256: library,
      destination,
      mode: "0644",
      keepOld: true,
      afterAlways: true,
    });
  });

  test("every application of the form but “other” has a place", () => {
    const applications = builtInModule(1005).parameters.properties.application?.enum ?? [];

    for (const application of applications.filter((name) => name !== "other")) {
      expect(builtInTask(1005, { file: library, application })).toMatchObject({
        destination: expect.stringMatching(/^\/etc\//),
      });
    }
    expect(() => builtInTask(1005, { file: library, application: "other" })).toThrow(/give “path”, “application”/);
  });
});

runs.each(shellList)("what follows a synced file, $name", ({ argv: shell }) => {
  const files = { "/etc/nginx/nginx.conf": "user www;\n", "/etc/my.cnf": "[mysqld]\n", "/etc/motd": "hello\n" };

  function after(values: Record<string, string | boolean>) {
    return builtInTask(1005, { file: library, ...values });
  }

  test("nginx is checked and reloaded", async () => {
    const machine = await hostWith(merged(systemd(["nginx"]), { files, programs: { nginx: 'log nginx "$@"' } }));

    const answer = machine.run(after({ application: "nginx" }), { shell });

    expect(answer).toMatchObject({ code: 0, stdout: expect.stringMatching(/nginx\.conf\nnginx: reload done\n$/) });
    expect((await machine.log()).filter((line) => !line.startsWith("show"))).toEqual([
      "nginx -t",
      "reload-or-restart -- nginx.service",
    ]);
  });

  test("a file that does not pass is not loaded, and the old one is named", async () => {
    const old = { "/etc/nginx/nginx.conf.20261101T000000Z~": "1\n", "/etc/nginx/nginx.conf.20261122T000000Z~": "2\n" };
    const machine = await hostWith(
      merged(systemd(["nginx"]), { files: { ...files, ...old }, programs: { nginx: "echo broken; exit 1" } }),
    );

    const answer = machine.run(after({ application: "nginx" }), { shell });

    expect(answer.code).toBe(1);
    expect(answer.stdout).toContain("broken");
    expect(answer.stderr).toContain("“nginx -t” refuses it: nothing was reloaded");
    expect(answer.stderr).toContain("kept as /etc/nginx/nginx.conf.20261122T000000Z~");
    expect((await machine.log()).some((line) => line.includes("nginx.service"))).toBe(false);
  });

  test("nothing follows where nothing should", async () => {
    const machine = await hostWith(merged(systemd(["nginx"]), { files }));

    const answers = [
      machine.run(after({ application: "nginx", follow_up: "none" }), { shell }),
      machine.run(after({ application: "motd" }), { shell }),
      machine.run(after({ path: "/etc/motd" }), { shell }),
    ];

    expect(answers.map((answer) => answer.code)).toEqual([0, 0, 0]);
    expect(answers[1]?.stdout).toBe("-rw-r--r--, root:root, 6 bytes: /etc/motd\n");
    expect(await machine.log()).toEqual([]);
  });

  test("a database is not restarted unasked", async () => {
    const machine = await hostWith(merged(systemd(["mariadb"]), { files }));

    const unasked = machine.run(after({ application: "mysql-redhat" }), { shell });
    const asked = machine.run(after({ application: "mysql-redhat", follow_up: "restart" }), { shell });

    expect(unasked).toMatchObject({ code: 0, stdout: expect.stringContaining("choose “restart”") });
    expect(asked).toMatchObject({ code: 0, stdout: expect.stringContaining("mariadb: restart done") });
  });

  test("a service of one's own can be named, and must be known for another file", async () => {
    const machine = await hostWith(merged(systemd(["my@app"]), { files }));

    const named = machine.run(after({ path: "/etc/motd", follow_up: "restart", service: "my@app" }), { shell });
    const unnamed = machine.run(after({ path: "/etc/motd", follow_up: "restart" }), { shell });
    const missing = machine.run(after({ path: "/etc/motd", follow_up: "restart", service: "gone" }), { shell });

    expect(named).toMatchObject({ code: 0, stdout: expect.stringContaining("my@app: restart done") });
    expect(unnamed).toMatchObject({ code: 1, stderr: "Which service to restart is not known: give its name.\n" });
    expect(missing).toMatchObject({ code: 1, stderr: "There is no service “gone” on this host.\n" });
  });

  test("kernel settings are applied, and their failure is the host's", async () => {
    const settings = { "/etc/sysctl.d/90-omserver.conf": "vm.swappiness = 1\n" };
    const machine = await hostWith({ files: settings, programs: { sysctl: 'log sysctl "$@"; exit 3' } });

    const answer = machine.run(after({ application: "sysctl" }), { shell });

    expect(answer.code).toBe(3);
    expect(await machine.log()).toEqual(["sysctl --system"]);
  });
});
