import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ansibleOfDebian, ansibleOfToday } from "../../../test/testkit/ansible.ts";
import { createAnsibleEngine } from "./ansible-engine.ts";
import { ansibleSettings } from "./settings.ts";

const signal = new AbortController().signal;

describe.each([
  ["today's", ansibleOfToday],
  ["Debian's", ansibleOfDebian],
])("hosts of inventories, by %s Ansible", { timeout: 120_000 }, (_name, programs) => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "omserver-inventory-"));
    writeFileSync(
      join(folder, "hosts.ini"),
      "[web]\nweb[01:03].example.org ansible_port=2222\n\n[db]\ndb1 ansible_host=10.0.0.9 ansible_user=admin\n\n[prod:children]\nweb\n\n[web:vars]\nansible_user=deploy\nansible_password=geheim\n",
    );
    writeFileSync(
      join(folder, "more.yml"),
      "all: {hosts: {alone: {ansible_host: '{{ nowhere }}', ansible_port: 99999}}, children: {db: {hosts: {db2: {}}}}}\n",
    );
    writeFileSync(
      join(folder, "dynamic"),
      '#!/bin/sh\necho \'{"cloud": {"hosts": ["vm1"]}, "_meta": {"hostvars": {"vm1": {"ansible_host": "2001:db8::1"}}}}\'\n',
    );
    chmodSync(join(folder, "dynamic"), 0o755);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  function engine(inventories: readonly string[]) {
    const settings = ansibleSettings.parse({ folder: programs(), inventories });
    return createAnsibleEngine({ folder: join(folder, "engine"), settings });
  }

  it("come with their groups, addresses, ports and users, and with nothing else", async () => {
    const files = ["hosts.ini", "more.yml", "dynamic"].map((name) => join(folder, name));

    const hosts = (await engine(files).hostSource?.discover(signal)) ?? [];

    expect(hosts.toSorted((one, other) => (one.name < other.name ? -1 : 1))).toEqual([
      { name: "alone", groups: [] },
      { name: "db1", address: "10.0.0.9", user: "admin", groups: ["db"] },
      { name: "db2", groups: ["db"] },
      { name: "vm1", address: "2001:db8::1", groups: ["cloud"] },
      ...["01", "02", "03"].map((number) => ({
        name: `web${number}.example.org`,
        port: 2222,
        user: "deploy",
        groups: ["prod", "web"],
      })),
    ]);
    expect(JSON.stringify(hosts)).not.toContain("geheim");
  });

  it("are not taken over in part: a file that Ansible reads halfway is refused with its fault", async () => {
    writeFileSync(join(folder, "half.ini"), "[web]\nfirst\nsecond no-value\nthird\n");

    const found = engine([join(folder, "hosts.ini"), join(folder, "half.ini")]).hostSource?.discover(signal);

    await expect(found).rejects.toMatchObject({
      code: "engine.unusable",
      message: expect.stringMatching(
        /Expected key=value host variable assignment, got: no-value.* source \/.*\/half\.ini/,
      ),
    });
  });

  it("say what is wrong when an inventory cannot be read or none is named", async () => {
    await expect(engine([join(folder, "missing.ini")]).hostSource?.discover(signal)).rejects.toMatchObject({
      code: "engine.unusable",
    });
    await expect(engine([]).hostSource?.discover(signal)).rejects.toThrow(/engines\.ansible\.inventories/);
  });
});
