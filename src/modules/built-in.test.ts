import { afterEach, describe, expect, test } from "vitest";
import { builtInModule, builtInModules, builtInTask } from "../../test/testkit/built-in-modules.ts";
import {
  canBecomeOrdinaryUser,
  type FabricatedHost,
  fabricatedHostProblem,
  fabricateHost,
  type HostParts,
  shells,
} from "../../test/testkit/fabricated-host.ts";
import type { ParameterValues } from "../contract/module.ts";
import { validateParameters } from "./parameters.ts";
import { supportedEngines } from "./render.ts";

const modules = builtInModules;
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

function numbered(count: number, text: string): string {
  return Array.from({ length: count }, (_, index) => `${text} ${index + 1}\n`).join("");
}

test("the seven modules of the first OMServer are there, described in both languages, for every engine", () => {
  expect(modules.map(({ id, key, danger }) => [id, key, danger])).toEqual([
    [1001, "system-log", "read"],
    [1002, "recent-logins", "read"],
    [1003, "os-version", "read"],
    [1004, "kernel-modules", "read"],
    [1005, "sync-file", "change"],
    [1006, "app-config", "read"],
    [1007, "restart-service", "change"],
  ]);
  for (const module of modules) {
    expect(supportedEngines(module)).toEqual(["ssh", "local", "mock", "ansible", "salt", "func", "omserver-v1"]);
    expect(module.name.zh).toMatch(/\p{Script=Han}/u);
    expect(module.description.zh).toMatch(/\p{Script=Han}/u);
    for (const property of Object.values(module.parameters.properties)) {
      expect(property.title).toMatch(/^[A-Z]/);
      expect(property["x-zh"]?.title).toMatch(/\p{Script=Han}/u);
    }
  }
});

runs.each(shellList)("system log, $name", ({ argv: shell }) => {
  const journal =
    'for a; do case $a in --lines=*) n=$(expr "$a" : "--lines=\\(.*\\)");; esac; done; log "$@"; i=0; while [ $i -lt $n ]; do i=$((i + 1)); echo "journal $i"; done';

  test("the journal comes first, with as many lines as asked for", async () => {
    const machine = await hostWith({ programs: { journalctl: journal }, files: { "/var/log/syslog": "old\n" } });

    const answer = machine.run(builtInTask(1001, { lines: 3 }), { shell });

    expect(answer).toEqual({ stdout: "==> journalctl <==\njournal 1\njournal 2\njournal 3\n", stderr: "", code: 0 });
  });

  test.each(["/var/log/syslog", "/var/log/messages"])("without a journal it is %s", async (path) => {
    const machine = await hostWith({ without: ["journalctl"], files: { [path]: numbered(30, "line") } });

    const answer = machine.run(builtInTask(1001, {}), { shell });

    expect(answer.stdout.split("\n").slice(0, 2)).toEqual([`==> ${path} <==`, "line 11"]);
    expect(answer.stdout.trimEnd().split("\n")).toHaveLength(21);
    expect(answer.code).toBe(0);
  });

  test("an empty journal and a log that was rotated a moment ago lead to the log before it", async () => {
    const files = {
      "/var/log/messages": "",
      "/var/log/messages-20261101": "older\n",
      "/var/log/messages-20261121": "last\n",
    };
    const machine = await hostWith({ programs: { journalctl: "exit 1" }, files });

    const answer = machine.run(builtInTask(1001, { lines: 1 }), { shell });

    expect(answer).toMatchObject({ stdout: "==> /var/log/messages-20261121 <==\nlast\n", code: 0 });
  });

  test.skipIf(!canBecomeOrdinaryUser)("what takes root is said", async () => {
    const machine = await hostWith({
      without: ["journalctl", "dmesg"],
      files: { "/var/log/syslog": "secret\n" },
      modes: { "/var/log/syslog": 0o600 },
    });

    const answer = machine.run(builtInTask(1001, {}), { shell, ordinaryUser: true });

    expect(answer).toMatchObject({
      stdout: "",
      code: 1,
      stderr: expect.stringMatching(/not readable for nobody: \/var\/log\/syslog\. Run this as root/),
    });
  });

  test("a host without any log says where was looked", async () => {
    const machine = await hostWith({ without: ["journalctl", "dmesg", "logread"] });

    const answer = machine.run(builtInTask(1001, {}), { shell });

    expect(answer).toMatchObject({ stdout: "", code: 1, stderr: expect.stringContaining("/var/log/messages") });
  });
});

runs.each(shellList)("recent logins, $name", ({ argv: shell }) => {
  test.each(["/var/log/secure", "/var/log/auth.log"])("it is %s where there is one", async (path) => {
    const machine = await hostWith({
      programs: { journalctl: "echo journal" },
      files: { [path]: numbered(5, "sshd") },
    });

    const answer = machine.run(builtInTask(1002, { lines: 2 }), { shell });

    expect(answer).toEqual({ stdout: `==> ${path} <==\nsshd 4\nsshd 5\n`, stderr: "", code: 0 });
  });

  test("without a file it is the journal's authentication messages", async () => {
    const machine = await hostWith({ programs: { journalctl: 'log "$@"; echo accepted' } });

    const answer = machine.run(builtInTask(1002, { lines: 7 }), { shell });

    expect(answer.stdout).toBe("==> journalctl (auth, authpriv) <==\naccepted\n");
    expect((await machine.log())[0]).toContain("--lines=7 SYSLOG_FACILITY=4 SYSLOG_FACILITY=10");
  });

  test("without log and journal it is what last knows", async () => {
    const last = "printf 'root pts/0 10.0.0.1 Mon\\n\\nwtmp begins Mon\\n'";
    const machine = await hostWith({ without: ["journalctl"], programs: { last } });

    const answer = machine.run(builtInTask(1002, {}), { shell });

    expect(answer).toMatchObject({ stdout: "==> last <==\nroot pts/0 10.0.0.1 Mon\n", code: 0 });
  });

  test("where nobody has signed in yet, that is the answer", async () => {
    const programs = { last: "printf '\\nwtmp begins Mon\\n'", who: ":" };
    const machine = await hostWith({ without: ["journalctl"], programs });

    const answer = machine.run(builtInTask(1002, {}), { shell });

    expect(answer).toMatchObject({ stdout: expect.stringContaining("No login is recorded"), code: 0 });
  });
});

runs.each(shellList)("OS version, $name", ({ argv: shell }) => {
  test.each<[string, Record<string, string>, string]>([
    [
      "Debian 12",
      { "/etc/os-release": 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n', "/etc/debian_version": "12.5\n" },
      "Debian GNU/Linux 12 (bookworm), 12.5",
    ],
    [
      "Ubuntu",
      { "/etc/os-release": 'NAME=x\nPRETTY_NAME="Ubuntu 24.04.1 LTS"\n', "/etc/debian_version": "trixie/sid\n" },
      "Ubuntu 24.04.1 LTS",
    ],
    [
      "CentOS 7",
      {
        "/etc/os-release": 'PRETTY_NAME="CentOS Linux 7 (Core)"\n',
        "/etc/redhat-release": "CentOS Linux release 7.9.2009 (Core)\n",
      },
      "CentOS Linux 7 (Core) (CentOS Linux release 7.9.2009 (Core))",
    ],
    ["single quotes", { "/etc/os-release": "PRETTY_NAME='Alpine Linux v3.20'\n" }, "Alpine Linux v3.20"],
    ["no quotes", { "/etc/os-release": "PRETTY_NAME=Arch\n" }, "Arch"],
    ["CentOS 6", { "/etc/redhat-release": "CentOS release 6.10 (Final)\n" }, "CentOS release 6.10 (Final)"],
    ["an old Debian", { "/etc/debian_version": "6.0.10\n" }, "Debian 6.0.10"],
    ["nothing but issue", { "/etc/issue": "\nMy Linux 1.0 \\n \\l\n" }, "My Linux 1.0"],
    ["a trap", { "/etc/os-release": 'PRETTY_NAME="$(touch canary)`touch canary`"\n' }, "$(touch canary)`touch canary`"],
  ])("%s", async (_name, files, first) => {
    // The real /usr/lib/os-release must not answer for the host.
    const machine = await hostWith({ files, without: ["../lib/os-release"] });

    const answer = machine.run(builtInTask(1003, {}), { shell });

    const [line, kernel] = answer.stdout.split("\n");
    expect(line).toBe(first);
    expect(kernel).toMatch(/^Linux \S+ \S+$/);
    expect(answer.code).toBe(0);
    expect(await machine.canaries()).toEqual([]);
  });
});

runs.each(shellList)("kernel modules, $name", ({ argv: shell }) => {
  const table =
    "Module                      Size  Used by\nnf_tables                 299008  2 nft_ct,nft_nat\next4                     1003520  1\n";

  test("lsmod answers where it is", async () => {
    const machine = await hostWith({
      proc: true,
      files: { "/proc/modules": "x\n" },
      programs: { lsmod: "echo Module; echo ext4" },
    });

    expect(machine.run(builtInTask(1004, {}), { shell })).toEqual({ stdout: "Module\next4\n", stderr: "", code: 0 });
  });

  test("without lsmod the kernel's own list is shown in the same form", async () => {
    const modulesFile = "nf_tables 299008 2 nft_ct,nft_nat, Live 0x0\next4 1003520 1 - Live 0x0\n";
    const machine = await hostWith({ proc: true, without: ["lsmod", "kmod"], files: { "/proc/modules": modulesFile } });

    expect(machine.run(builtInTask(1004, {}), { shell })).toEqual({ stdout: table, stderr: "", code: 0 });
  });

  test("a kernel that loads no modules says so", async () => {
    const machine = await hostWith({ proc: true, files: { "/proc/version": "Linux\n" } });

    expect(machine.run(builtInTask(1004, {}), { shell })).toMatchObject({
      stdout: expect.stringMatching(/^This kernel has no loadable modules/),
      code: 0,
    });
  });
});

describe("parameters of the built-in modules", () => {
  const hostile = (canary: string) => [
    `$(touch ${canary})`,
    `\`touch ${canary}\``,
    `'; touch ${canary}; '`,
    `"; touch ${canary}; "`,
    `; touch ${canary} #`,
    `| touch ${canary}`,
    `-oProxyCommand=touch ${canary}`,
    "--help",
    "-",
    `nginx\ntouch ${canary}`,
    "{{7*7}}",
    "__proto__",
    "../../../etc/passwd",
    "*",
    "",
  ];

  const cases = modules.flatMap((module) =>
    Object.keys(module.parameters.properties).map((name) => ({ id: module.id, key: module.key, name })),
  );

  test("what can never be right is refused before anything leaves", () => {
    for (const { id, name } of cases) {
      for (const value of hostile("canary").slice(0, 10)) {
        const values = { file: library, application: "nginx", service: "nginx", lines: 5, [name]: value };
        const known = Object.entries(values).filter(([key]) => key in builtInModule(id).parameters.properties);
        expect(
          () => validateParameters(builtInModule(id), Object.fromEntries(known)),
          `${id} ${name} ${value}`,
        ).toThrow(expect.objectContaining({ code: "module.parameters" }));
      }
    }
  });

  runs("even when nobody had checked them", () => {
    test("a careless script would be noticed", async () => {
      const machine = await hostWith({});
      const [value = ""] = hostile(`${machine.work}/canary`);

      machine.runAll([
        {
          kind: "script",
          interpreter: ["/bin/sh"],
          script: 'eval "echo $OM_X"',
          arguments: [],
          environment: { OM_X: value },
          secretNames: [],
        },
      ]);

      expect(await machine.canaries()).toEqual(["canary"]);
    });

    test.each(cases)("no value of $key’s “$name” runs anything", async ({ id, name }) => {
      const programs = { systemctl: "echo LoadState=loaded", journalctl: "echo line", nginx: ":" };
      const files = { "/etc/nginx/nginx.conf": "user www;\n", "/run/systemd/system/x": "", "/var/log/syslog": "x\n" };
      const machine = await hostWith({ programs, files });
      const good: ParameterValues = {
        lines: 5,
        application: "nginx",
        comments: true,
        service: "nginx",
        check: true,
        file: library,
        path: "/etc/nginx/nginx.conf",
        mode: "0644",
        follow_up: "reload",
        always: true,
      };

      const tasks = hostile(`${machine.work}/canary`).map((value) => {
        const values = { ...good, [name]: value };
        const own = Object.entries(values).filter(([key]) => key in builtInModule(id).parameters.properties);
        return builtInTask(id, Object.fromEntries(own), true);
      });
      const answer = machine.runAll(tasks);

      expect(answer.stdout + answer.stderr).toMatch(/\w/);
      expect(answer.stdout).not.toContain("49\n");
      expect(await machine.canaries()).toEqual([]);
    });
  });
});
