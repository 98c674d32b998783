import { afterEach, describe, expect, test } from "vitest";
import { builtInTask } from "../../test/testkit/built-in-modules.ts";
import {
  canBecomeOrdinaryUser,
  type FabricatedHost,
  fabricatedHostProblem,
  fabricateHost,
  type HostParts,
  shells,
} from "../../test/testkit/fabricated-host.ts";

/** Module 1006: configuration, on fabricated hosts of both families. */

const problem = fabricatedHostProblem();
if (problem) console.warn(`The built-in modules' scripts are not tested on fabricated hosts. ${problem}`);
const runs = describe.skipIf(problem !== undefined);
const shellList = shells();

let host: FabricatedHost | undefined;
afterEach(async () => {
  await host?.close();
  host = undefined;
});

async function hostWith(parts: HostParts): Promise<FabricatedHost> {
  host = await fabricateHost(parts);
  return host;
}

runs.each(shellList)("an application's configuration, $name", ({ argv: shell }) => {
  const nginx = {
    "/etc/nginx/nginx.conf":
      '# main\nuser www;\n\nhttp {\n  include conf.d/*.conf;\n  include /etc/nginx/sites-enabled/*;\n  include "mime.types";\n}\n',
    "/etc/nginx/conf.d/a.conf": "server_tokens off;\ninclude conf.d/a.conf;\n",
    "/etc/nginx/conf.d/b.conf": "proxy_pass http://up;",
    "/etc/nginx/sites-enabled/my site": "server {}\n",
    "/etc/nginx/mime.types": "types {}\n",
    "/etc/nginx/unused.conf": "never\n",
  };

  test("nginx comes with every included file once, even when it includes itself", async () => {
    const machine = await hostWith({ files: nginx });

    const answer = machine.run(builtInTask(1006, { application: "nginx" }), { shell });

    const paths = answer.stdout.split("\n").filter((line) => line.startsWith("==> "));
    expect(paths).toEqual([
      "==> /etc/nginx/nginx.conf <==",
      "==> /etc/nginx/conf.d/a.conf <==",
      "==> /etc/nginx/conf.d/b.conf <==",
      "==> /etc/nginx/sites-enabled/my site <==",
      "==> /etc/nginx/mime.types <==",
    ]);
    expect(answer.stdout).toContain("proxy_pass http://up;\n==>");
    expect(answer).toMatchObject({ stderr: "", code: 0 });
  });

  test("comments and blank lines can be left out", async () => {
    const machine = await hostWith({ files: { "/etc/nginx/nginx.conf": nginx["/etc/nginx/nginx.conf"] } });

    const answer = machine.run(builtInTask(1006, { application: "nginx", comments: false }), { shell });

    expect(answer.stdout).toBe(
      '==> /etc/nginx/nginx.conf <==\nuser www;\nhttp {\n  include conf.d/*.conf;\n  include /etc/nginx/sites-enabled/*;\n  include "mime.types";\n}\n',
    );
  });

  test.each<[string, string, Record<string, string>, string[]]>([
    [
      "Debian",
      "apache",
      {
        "/etc/apache2/apache2.conf": "IncludeOptional mods-enabled/*.conf\n",
        "/etc/apache2/mods-enabled/a.conf": "A\n",
      },
      ["/etc/apache2/apache2.conf", "/etc/apache2/mods-enabled/a.conf"],
    ],
    [
      "RedHat",
      "apache",
      {
        "/etc/httpd/conf/httpd.conf": "Include conf.modules.d/*.conf\n",
        "/etc/httpd/conf.modules.d/00.conf": "A\n",
        "/etc/httpd/conf.d/x.conf": "B\n",
      },
      ["/etc/httpd/conf/httpd.conf", "/etc/httpd/conf.modules.d/00.conf", "/etc/httpd/conf.d/x.conf"],
    ],
    [
      "Debian",
      "mysql",
      {
        "/etc/mysql/my.cnf": "!includedir /etc/mysql/conf.d/\n",
        "/etc/mysql/conf.d/a.cnf": "[mysqld]\n",
        "/etc/mysql/conf.d/a.txt": "no\n",
      },
      ["/etc/mysql/my.cnf", "/etc/mysql/conf.d/a.cnf"],
    ],
    [
      "RedHat",
      "mysql",
      { "/etc/my.cnf": "!includedir /etc/my.cnf.d\n", "/etc/my.cnf.d/server.cnf": "[mysqld]\n" },
      ["/etc/my.cnf", "/etc/my.cnf.d/server.cnf"],
    ],
    ["Debian", "redis", { "/etc/redis/redis.conf": "port 6379\n" }, ["/etc/redis/redis.conf"]],
    [
      "RedHat",
      "redis",
      { "/etc/redis.conf": "include /etc/redis-local.conf\n", "/etc/redis-local.conf": "port 1\n" },
      ["/etc/redis.conf", "/etc/redis-local.conf"],
    ],
    [
      "Debian",
      "sshd",
      { "/etc/ssh/sshd_config": "Include sshd_config.d/*.conf\n", "/etc/ssh/sshd_config.d/a.conf": "Port 22\n" },
      ["/etc/ssh/sshd_config", "/etc/ssh/sshd_config.d/a.conf"],
    ],
    ["Debian", "chrony", { "/etc/chrony/chrony.conf": "pool x\n" }, ["/etc/chrony/chrony.conf"]],
    ["RedHat", "chrony", { "/etc/chrony.conf": "pool x\n" }, ["/etc/chrony.conf"]],
    [
      "either",
      "rsyslog",
      {
        "/etc/rsyslog.conf": '$IncludeConfig /etc/extra/*.conf\ninclude(file="/etc/more.conf" mode="optional")\n',
        "/etc/extra/a.conf": "A\n",
        "/etc/more.conf": "B\n",
        "/etc/rsyslog.d/c.conf": "C\n",
      },
      ["/etc/rsyslog.conf", "/etc/extra/a.conf", "/etc/more.conf", "/etc/rsyslog.d/c.conf"],
    ],
    [
      "either",
      "haproxy",
      { "/etc/haproxy/haproxy.cfg": "global\n", "/etc/haproxy/conf.d/a.cfg": "A\n" },
      ["/etc/haproxy/haproxy.cfg", "/etc/haproxy/conf.d/a.cfg"],
    ],
    [
      "Debian",
      "postgresql",
      {
        "/etc/postgresql/15/main/postgresql.conf": "include_dir = 'conf.d'\n",
        "/etc/postgresql/15/main/conf.d/a.conf": "A\n",
        "/etc/postgresql/15/main/pg_hba.conf": "local all\n",
      },
      [
        "/etc/postgresql/15/main/postgresql.conf",
        "/etc/postgresql/15/main/conf.d/a.conf",
        "/etc/postgresql/15/main/pg_hba.conf",
      ],
    ],
    [
      "Debian",
      "cron",
      { "/etc/crontab": "SHELL=/bin/sh\n", "/etc/cron.d/a": "* *\n", "/var/spool/cron/crontabs/root": "* *\n" },
      ["/etc/crontab", "/etc/cron.d/a", "/var/spool/cron/crontabs/root"],
    ],
    [
      "either",
      "logrotate",
      { "/etc/logrotate.conf": "include /etc/logrotate.d\n", "/etc/logrotate.d/x": "X\n" },
      ["/etc/logrotate.conf", "/etc/logrotate.d/x"],
    ],
  ])("the %s family’s %s is found", async (_family, application, files, expected) => {
    const machine = await hostWith({ files });

    const answer = machine.run(builtInTask(1006, { application }), { shell });

    const paths = answer.stdout.split("\n").flatMap((line) => /^==> (.*) <==$/.exec(line)?.[1] ?? []);
    expect(paths).toEqual(expected);
    expect(answer).toMatchObject({ stderr: "", code: 0 });
  });

  test("values of secrets are starred out, and what only sounds like one is not", async () => {
    const secret = "hunter2canary";
    const lines: Record<string, string> = {
      "/etc/redis/redis.conf": `requirepass ${secret}\nmasterauth "${secret}"\n`,
      "/etc/my.cnf": `[client]\npassword=${secret}\npassword = ${secret} x\n# db_password: ${secret}\n`,
      "/etc/haproxy/haproxy.cfg": `stats auth admin:${secret}\nuser x insecure-password ${secret}\n`,
      "/etc/ssh/sshd_config": "PasswordAuthentication yes\nPermitEmptyPasswords no\n",
      "/etc/nginx/nginx.conf": `proxy_pass http://up;\nfastcgi_pass unix:/x;\nproxy_pass http://u:${secret}@up;\nserver_tokens off;\n`,
      "/etc/nsswitch.conf": "passwd: files\n",
    };
    const machine = await hostWith({ files: lines });

    const answer = machine.runAll(
      ["redis", "mysql", "haproxy", "sshd", "nginx", "dns"].map((application) => builtInTask(1006, { application })),
    );

    expect(answer.stdout).not.toContain(secret);
    expect(answer.stdout.split("\n").filter((line) => line.includes("******"))).toHaveLength(8);
    for (const kept of [
      "PasswordAuthentication yes",
      "PermitEmptyPasswords no",
      "fastcgi_pass unix:/x;",
      "passwd: files",
      "server_tokens off;",
    ]) {
      expect(answer.stdout).toContain(kept);
    }
  });

  test("what a configuration says is never run", async () => {
    const text = 'include $(touch canary);\ninclude `touch canary`;\ninclude ;touch canary;\ninclude "-n";\n';
    const machine = await hostWith({ files: { "/etc/nginx/nginx.conf": text } });

    const answer = machine.run(builtInTask(1006, { application: "nginx" }), { shell });

    expect(answer).toMatchObject({ stdout: `==> /etc/nginx/nginx.conf <==\n${text}`, code: 0 });
    expect(await machine.canaries()).toEqual([]);
  });

  test("an application that is not there is no success", async () => {
    const machine = await hostWith({});

    expect(machine.run(builtInTask(1006, { application: "haproxy" }), { shell })).toMatchObject({
      stdout: "",
      stderr: "There is no configuration of haproxy at any of its usual places on this host.\n",
      code: 1,
    });
  });

  test.skipIf(!canBecomeOrdinaryUser)("what takes root is named", async () => {
    const files = { "/etc/redis/redis.conf": "secret\n" };
    const machine = await hostWith({ files, modes: { "/etc/redis/redis.conf": 0o600 } });

    expect(machine.run(builtInTask(1006, { application: "redis" }), { shell, ordinaryUser: true })).toMatchObject({
      stdout: "",
      stderr: "Not readable for nobody: /etc/redis/redis.conf. Run this as root to see it.\n",
      code: 1,
    });
  });
});
