import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { importReport } from "../../contract/http/schemas/inventory.ts";
import { hostsAsCsv } from "./export-csv.ts";
import { parseCsvHosts } from "./import-csv.ts";
import { type KnownHost, type KnownInventory, planImport } from "./import-plan.ts";
import { parseSshConfigHosts } from "./import-ssh-config.ts";

const functionCategories = [
  { id: 1, name: "Linux.Web" },
  { id: 2, name: "数据库" },
];
const appCategories = [
  { id: 11, functionCategoryId: 1, name: "bbs.domain.com" },
  { id: 21, functionCategoryId: 2, name: "订单" },
];

function hostOf(name: string, change: Partial<KnownHost> = {}): KnownHost {
  return {
    name,
    appCategoryId: 11,
    outerAddress: "",
    innerAddress: "10.0.0.1",
    port: 22,
    os: "Debian 12",
    engines: ["ssh"],
    zone: "",
    user: "",
    credential: "",
    proxyJump: "",
    tags: [],
    enabled: true,
    claim: true,
    note: "",
    ...change,
  };
}

const inventory: KnownInventory = {
  hosts: [hostOf("web01", { tags: ["prod"] }), hostOf("web02", { port: 2222 })],
  functionCategories,
  appCategories,
};

describe("hosts from CSV", () => {
  it("leave the zone of a known host alone unless they name one", () => {
    const known = { ...inventory, hosts: [hostOf("web01", { zone: "bj" })] };

    const silent = planImport(parseCsvHosts("name,note\nweb01,new"), known, { category: "" });
    const named = planImport(parseCsvHosts("name,zone\nweb01,sh"), known, { category: "" });
    const wrong = parseCsvHosts("name,zone\nweb01,a b");

    expect(silent.hosts).toMatchObject([{ name: "web01", zone: "bj", note: "new" }]);
    expect(named.hosts).toMatchObject([{ name: "web01", zone: "sh" }]);
    expect(wrong.refused).toMatchObject([{ reason: expect.stringContaining("zone: must be one word") as string }]);
  });

  it("takes columns in English, Chinese and as the first OMServer named them", () => {
    const english = parseCsvHosts(
      "Name,Category,Inner address,Port,Tags,Enabled\r\nweb03,Linux.Web/bbs.domain.com,10.0.0.3,2200,a;b,no\r\n",
    );
    const chinese = parseCsvHosts(
      "\ufeff主机名,功能分类,应用分类,内网IP,端口,标签,启用\nweb03,Linux.Web,bbs.domain.com,10.0.0.3,2200,a、b,否\n",
    );
    const legacy = parseCsvHosts(
      "server_name,server_wip,server_lip,server_op,server_categ_name,app_categ_name\nweb03,192.0.2.3,10.0.0.3,Centos 7,Linux.Web,bbs.domain.com",
    );

    const category = { functionCategory: "Linux.Web", appCategory: "bbs.domain.com" };
    expect(english).toEqual({
      refused: [],
      rows: [
        {
          line: 2,
          column: 1,
          name: "web03",
          category,
          fields: { innerAddress: "10.0.0.3", port: 2200, tags: ["a", "b"], enabled: false },
        },
      ],
    });
    expect(chinese.rows).toEqual(english.rows);
    expect(legacy.rows[0]).toMatchObject({
      name: "web03",
      category,
      fields: { outerAddress: "192.0.2.3", innerAddress: "10.0.0.3", os: "Centos 7" },
    });
  });

  it("reads quotes, line breaks in cells, blank lines and empty cells as they are meant", () => {
    const { rows, refused } = parseCsvHosts(
      'name,note,port,os\r\n\r\n"web01","a ""quoted""\r\nnote, really",,\n\nweb02, x ,22,"Debian, 12"',
    );
    expect(refused).toEqual([]);
    expect(rows).toMatchObject([
      { line: 3, name: "web01", fields: { note: 'a "quoted"\r\nnote, really', port: 22, os: "" } },
      { line: 6, name: "web02", fields: { note: " x ", port: 22, os: "Debian, 12" } },
    ]);
  });

  it.each<[string, string, number, number | undefined, RegExp]>([
    ["nothing", "", 1, undefined, /empty/],
    ["no name column", "port,os\n22,x", 1, 1, /no column for the host's name/],
    ["an unknown column", "name,colour\na,b", 1, 6, /There is no column “colour”/],
    ["a column twice", "name,ip,内网\na,b,c", 1, 9, /twice/],
    ["semicolons", "name;port\na;22", 1, 1, /separated by commas/],
    ["a number of the old database", "server_name,server_app_id\na,1", 1, 13, /server_categ_name and app_categ_name/],
    ["too few cells", "name,port\nweb01", 2, 1, /1 cells, the header has 2/],
    ["too many cells", "name,port\nweb01,22,x", 2, 10, /3 cells, the header has 2/],
    ["no name", "name,port\n,22", 2, 1, /name: must not be empty/],
    ["an option as name", "name\n-oProxyCommand=id", 2, 1, /must begin with a letter or digit/],
    ["a newline in a name", 'name\n"a\nb"', 2, 1, /must begin with a letter/],
    ["NUL", "name,note\nweb01,a\u0000b", 2, 7, /NUL/],
    ["a broken surrogate", "name,note\nweb01,a\ud800", 2, 7, /well-formed/],
    ["a wrong port", "name,port\nweb01,99999", 2, 7, /port: must be a number from 1 to 65535, not “99999”/],
    ["text as port", "name,port\nweb01,0x16", 2, 7, /from 1 to 65535/],
    ["a wrong engine", "name,engine\nweb01,telnet", 2, 7, /must be one or more of ssh/],
    ["a wrong answer", "name,enabled\nweb01,perhaps", 2, 7, /yes or no/],
    [
      "four numbers that are no IPv4 address",
      "name,ip\nweb01,10.11.0.300",
      2,
      7,
      /IPv4 or IPv6 address.*not “10\.11\.0\.300”/,
    ],
    ["colons that are no IPv6 address", "name,ip\nweb01,::::", 2, 7, /IPv4 or IPv6 address.*not “::::”/],
    ["an IPv6 address of nine groups", "name,ip\nweb01,1:2:3:4:5:6:7:8:9", 2, 7, /IPv4 or IPv6 address/],
    ["a number for an address", "name,ip\nweb01,10", 2, 7, /IPv4 or IPv6 address/],
    ["a wrong address", "name,ip\nweb01,$(touch canary)", 2, 7, /IPv4 or IPv6 address/],
    ["an address that is an option", "name,ip\nweb01,-oProxyCommand=id", 2, 7, /IPv4 or IPv6/],
    ["a wrong jump host", "name,proxy_jump\nweb01,-x", 2, 7, /jump host/],
    ["a wrong tag", "name,tags\nweb01,a;-b", 2, 7, /tags/],
    ["one category level", "name,category\nweb01,Linux.Web", 2, 1, /not a category path/],
    ["half a category", "name,function_category,app_category\nweb01,Linux.Web,", 2, 1, /two levels/],
    ["a category with a control character", "name,category\nweb01,a\u0007/b", 2, 1, /control characters/],
    ["an open quote", 'name,note\nweb01,"abc\nweb02,x', 2, 7, /never closed/],
    ["a quote in the open", 'name,note\nweb01,a"b', 2, 8, /stands in quotes/],
    ["text behind a quote", 'name,note\nweb01,"a"b', 2, 10, /after a closing quote/],
    ["a very long name", `name\n${"a".repeat(1_000_000)}`, 2, 1, /must begin with/],
    ["very many cells", `name\n${"a,".repeat(1_000_000)}`, 2, 401, /at most 200 cells/],
    ["a template", "name\n{{7*7}}", 2, 1, /“\{\{7\*7\}\}”/],
    ["__proto__ as column", "name,__proto__\na,b", 1, 6, /no column “__proto__”/],
  ])("%s is refused with its place", (_, text, line, column, reason) => {
    const { refused } = parseCsvHosts(text);
    expect(refused).toHaveLength(1);
    expect(refused[0]).toMatchObject(column === undefined ? { line } : { line, column });
    expect(refused[0]?.reason).toMatch(reason);
    expect(refused[0]?.text.length).toBeLessThan(500);
  });

  it("goes on behind a refused row", () => {
    const { rows, refused } = parseCsvHosts('name,note\na,"x"y"\nb,ok\nc,"1\n2"\nd,e,f\ng,h');
    expect(rows.map(({ name, line }) => [name, line])).toEqual([
      ["b", 3],
      ["c", 4],
      ["g", 7],
    ]);
    expect(refused.map(({ line }) => line)).toEqual([2, 6]);
  });
});

describe("what an import would do", () => {
  it("tells added, changed with their fields, unchanged and refused rows, and holds whole hosts", () => {
    const parsed = parseCsvHosts(
      "name,port,tags,category\nweb01,22,prod,\nweb02,22,x,数据库/订单\nnew1,,,New/App\nweb01,23,,\nnew2,,,\nnew3,0,,",
    );
    const { report, hosts } = planImport(parsed, inventory, { category: "" });

    expect(report).toEqual({
      added: [{ line: 4, name: "new1", category: "New/App" }],
      changed: [
        {
          line: 3,
          name: "web02",
          fields: ["port", "tags", "category"],
          changes: [
            { field: "port", from: "2222", to: "22" },
            { field: "tags", from: "", to: "x" },
            { field: "category", from: "Linux.Web/bbs.domain.com", to: "数据库/订单" },
          ],
        },
      ],
      newCategories: ["New/App"],
      unchanged: 1,
      refused: [
        { line: 5, column: 1, text: "web01", reason: "The host stands in line 2 already." },
        { line: 6, column: 1, text: "new2", reason: expect.stringContaining("names no category") },
        { line: 7, column: 6, text: "new3,0,,", reason: expect.stringContaining("port") },
      ],
    });
    expect(hosts).toEqual([
      expect.objectContaining({
        name: "web02",
        port: 22,
        os: "Debian 12",
        functionCategory: "数据库",
        appCategory: "订单",
      }),
      expect.objectContaining({
        name: "new1",
        port: 22,
        engines: ["ssh"],
        functionCategory: "New",
        appCategory: "App",
      }),
    ]);
    expect(hosts[0]).not.toHaveProperty("appCategoryId");
    expect(() => importReport.parse({ ...report, applied: false })).not.toThrow();
  });

  it("puts new hosts into the chosen category and leaves known ones where they are", () => {
    const parsed = parseCsvHosts("name,os\nweb01,Rocky\nnew1,Rocky");
    const { hosts } = planImport(parsed, inventory, { category: "数据库/订单" });
    expect(hosts.map(({ name, appCategory }) => [name, appCategory])).toEqual([
      ["web01", "bbs.domain.com"],
      ["new1", "订单"],
    ]);
    expect(() => planImport(parsed, inventory, { category: "nowhere" })).toThrow("not a category path");
  });
});

describe("hosts as CSV", () => {
  it("no cell is a formula to a spreadsheet", () => {
    const text = [...hostsAsCsv([hostOf("web01", { note: "=HYPERLINK(1)", os: "@SUM(1)" })], inventory)].join("");
    expect(text).toContain(",'=HYPERLINK(1)");
    expect(text).toContain(",'@SUM(1),");
  });

  it("any hosts come back unchanged by way of export and import", () => {
    const text = fc.string({ unit: "binary", maxLength: 20 }).map((value) => value.toWellFormed().replaceAll("\0", ""));
    const tricky = fc.oneof(
      text,
      fc.constantFrom("=1", "'=1", "''", "'", "-1", "+1", "@a", "\t", "\r\n", '"', ",", " x "),
    );
    const host = fc.record({
      name: fc.stringMatching(/^[a-z0-9][a-z0-9._-]{0,20}$/),
      appCategoryId: fc.constantFrom(11, 21),
      outerAddress: fc.constantFrom("", "192.0.2.1"),
      innerAddress: fc.constantFrom("", "fd00::1", "a.example.com"),
      port: fc.integer({ min: 1, max: 65_535 }),
      os: tricky.map((value) => value.replace(/\p{Cc}/gu, "")),
      zone: fc.constantFrom("", "bj", "上海"),
      engines: fc.uniqueArray(fc.constantFrom("ssh" as const, "salt" as const, "omserver-v1" as const), {
        minLength: 1,
      }),
      user: fc.constantFrom("", "root"),
      credential: fc.constantFrom("", "prod key", "=key", "+1"),
      proxyJump: fc.constantFrom("", "a@b:1,c"),
      tags: fc.constantFrom([], ["a"], ["prod", "env:live"]),
      enabled: fc.boolean(),
      claim: fc.boolean(),
      note: tricky,
    });
    fc.assert(
      fc.property(fc.uniqueArray(host, { selector: ({ name }) => name, maxLength: 8 }), (hosts) => {
        const known = { ...inventory, hosts };
        const parsed = parseCsvHosts([...hostsAsCsv(hosts, inventory)].join(""));
        const { report } = planImport(parsed, known, { category: "" });
        expect(report).toEqual({ added: [], changed: [], unchanged: hosts.length, newCategories: [], refused: [] });
      }),
      { numRuns: 300 },
    );
  });

  it("any text as CSV gives rows and refusals, and every row's name is a host's", () => {
    const piece = fc.constantFrom(
      "name",
      "port",
      ",",
      '"',
      "\n",
      "\r\n",
      "a",
      "22",
      "=x",
      "\u0000",
      "\ud800",
      " ",
      "主机",
    );
    const text = fc.oneof(
      fc.array(piece, { maxLength: 40 }).map((parts) => parts.join("")),
      fc.string({ unit: "binary" }),
    );
    fc.assert(
      fc.property(text, (body) => {
        const { rows, refused } = parseCsvHosts(`name,note,port\n${body}`);
        for (const { name } of rows) expect(name).toMatch(/^[\p{L}\p{N}][\p{L}\p{N}._-]*$/u);
        for (const { line, reason } of refused) expect([line > 0, reason !== ""]).toEqual([true, true]);
        for (const { reason } of parseCsvHosts(body).refused) expect(reason).not.toBe("");
      }),
      { numRuns: 500 },
    );
  });
});

const sshConfig = `
# comment
User fallback
Host web1 "web2"   # two names
  HostName %h.example.com
  Port 2222
  ForwardAgent yes
Host web*
  User=ops
  IdentityFile ~/.ssh/web
Host gate
  HostName 192.0.2.1
  User jumper
Host db !db9
  HostName 10.0.0.9
  ProxyJump gate
  IdentityFile ~/.ssh/a
  IdentityFile "~/.ssh/b c"
Host far
  ProxyJump=x@db:2200,other
Match host web1 exec "id"
  Port 1
Host *
  Port 22022
  User late
Include config.d/*
`;

describe("hosts from an ssh_config", () => {
  it("are reached as ssh would reach them: the first value wins, patterns and defaults apply", () => {
    const { rows } = parseSshConfigHosts(sshConfig);
    expect(Object.fromEntries(rows.map(({ name, fields }) => [name, fields]))).toEqual({
      web1: { innerAddress: "web1.example.com", port: 2222, user: "fallback", note: "IdentityFile ~/.ssh/web" },
      web2: { innerAddress: "web2.example.com", port: 2222, user: "fallback", note: "IdentityFile ~/.ssh/web" },
      gate: { innerAddress: "192.0.2.1", port: 22022, user: "fallback" },
      db: {
        innerAddress: "10.0.0.9",
        port: 22022,
        user: "fallback",
        proxyJump: "fallback@192.0.2.1:22022",
        note: "IdentityFile ~/.ssh/a, ~/.ssh/b c",
      },
      far: {
        innerAddress: "far",
        port: 22022,
        user: "fallback",
        proxyJump: "fallback@192.0.2.1:22022,x@10.0.0.9:2200,other",
      },
    });
  });

  it("names the place and reason of what is not taken over", () => {
    const { refused } = parseSshConfigHosts(sshConfig);
    expect(refused.map(({ line, column, reason }) => [line, column, reason.slice(0, 17)])).toEqual([
      [8, 6, "This is a pattern"],
      [21, 1, "Match depends on "],
      [26, 1, "Include is not fo"],
    ]);
  });

  it.each<[string, string, number, number, RegExp]>([
    ["a wrong port", "Host a\n  Port x", 2, 8, /port: must be a number/],
    ["a wrong user", "Host a\nUser -x", 2, 6, /user/],
    ["an address that is an option", "Host a\nHostName -oProxyCommand=id", 2, 10, /address/],
    ["a name that is an option", "Host -oProxyCommand=id", 1, 6, /The name must begin/],
    ["a token", "Host a\nHostName %n.x", 2, 10, /token/],
    ["ProxyCommand", "Host a\nProxyCommand nc %h %p", 2, 14, /ProxyCommand/],
    ["a jump in a circle", "Host a\nProxyJump b\nHost b\nProxyJump a", 2, 11, /leads back/],
    ["a wrong jump", "Host a\nProxyJump $(id)", 2, 11, /jump host/],
    ["an open quote", 'Host "a', 1, 1, /quote/],
    ["a line without a keyword", 'Host a\n="x"', 2, 1, /keyword/],
    ["Host without names", "Host", 1, 1, /names no host/],
    ["Port without a value", "Host a\nPort", 2, 1, /no value/],
    ["NUL", "Host a\u0000b", 1, 6, /name must/],
  ])("%s is refused with its place", (_, text, line, column, reason) => {
    const { refused } = parseSshConfigHosts(text);
    expect(refused[0]).toMatchObject({ line, column });
    expect(refused[0]?.reason).toMatch(reason);
  });

  it("does without what says none", () => {
    const { rows, refused } = parseSshConfigHosts(
      "Host a\nProxyJump none\nProxyCommand nc\nHost b\nProxyCommand none\n",
    );
    expect(refused).toEqual([]);
    expect(rows.map(({ name, fields }) => [name, fields.proxyJump])).toEqual([
      ["a", undefined],
      ["b", undefined],
    ]);
  });

  it("any text gives rows and refusals, quickly", () => {
    const piece = fc.constantFrom(
      "Host ",
      "a",
      "b*",
      "!a",
      "\n",
      "Port ",
      "22",
      '"',
      "=",
      "ProxyJump ",
      "%h",
      "#",
      "\u0000",
      "Match all",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (parts) => {
        const { rows, refused } = parseSshConfigHosts(parts.join(""));
        for (const { name } of rows) expect(name).toMatch(/^[\p{L}\p{N}][\p{L}\p{N}._-]*$/u);
        for (const { reason } of refused) expect(reason).not.toBe("");
      }),
      { numRuns: 500 },
    );
    const many = Array.from({ length: 10_000 }, (_, n) => `Host h${n}\n HostName 10.0.0.1\n ProxyJump h${n + 1}`);
    expect(parseSshConfigHosts(many.join("\n")).rows.length).toBeGreaterThan(0);
  });
});
