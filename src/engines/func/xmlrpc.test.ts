import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { MalformedAnswer, methodCall, type XmlRpcValue } from "./xmlrpc.ts";
import { readMethodResponse } from "./xmlrpc-reader.ts";

function answer(xml: string): Buffer {
  return Buffer.from(`<?xml version='1.0'?><methodResponse><params><param>${xml}</param></params></methodResponse>`);
}

describe("a call", () => {
  it("is read by Python's own library as it was meant", () => {
    const parameters = [
      "it's <b>&amp;]]>\r\n",
      5,
      -3,
      1.5,
      true,
      Buffer.from([0, 255, 10]),
      ["a", [1]],
      { name: "x", __proto__x: 2 },
    ];

    const body = methodCall("copyfile.append", parameters);
    const script =
      "import sys, json, xmlrpc.client as c\n" +
      "values, method = c.loads(sys.stdin.buffer.read())\n" +
      "print(json.dumps([method, values], default=lambda b: list(b.data)))";
    const read = JSON.parse(execFileSync("python3", ["-c", script], { input: body }).toString());

    expect(read).toEqual([
      "copyfile.append",
      ["it's <b>&amp;]]>\r\n", 5, -3, 1.5, true, [0, 255, 10], ["a", [1]], { name: "x", __proto__x: 2 }],
    ]);
  });

  it("is refused when its values do not fit the wire", () => {
    for (const value of ["a\u0001b", "\ud800", "\uffff", 2 ** 31, Number.NaN, null]) {
      expect(() => methodCall("test.echo", [value])).toThrow(/cannot|does not fit|finite/);
    }
  });
});

describe("an answer", () => {
  it("of every type is read as data", () => {
    const script =
      "import sys, xmlrpc.client as c\n" +
      "sys.stdout.write(c.dumps(([1, -2, 1.25, True, 'a<b>&\\u4e2d', c.Binary(b'\\x00\\xff'), [], {}, {'__proto__': [None]}],), methodresponse=True, allow_none=True))";

    const read = readMethodResponse(execFileSync("python3", ["-c", script]));

    expect(read.kind).toBe("value");
    const value = read.kind === "value" ? (read.value as readonly XmlRpcValue[]) : [];
    expect(value.slice(0, 5)).toEqual([1, -2, 1.25, true, "a<b>&中"]);
    expect(value[5]).toEqual(Buffer.from([0, 255]));
    expect(value.slice(6, 8)).toEqual([[], {}]);
    expect(Object.entries(value[8] as object)).toEqual([["__proto__", [null]]]);
    expect(({} as Record<string, unknown>)[0]).toBeUndefined();
  });

  it("that is a fault is told apart", () => {
    const xml =
      "<methodResponse><fault><value><struct><member><name>faultCode</name><value><int>4</int></value></member>" +
      "<member><name>faultString</name><value>no</value></member></struct></value></fault></methodResponse>";

    expect(readMethodResponse(Buffer.from(xml))).toEqual({ kind: "fault", code: 4, message: "no" });
  });

  it("with Latin-1 in a UTF-8 envelope keeps both", () => {
    const body = Buffer.concat([answer("<value>A</value>").subarray(0, 0), answer("<value>caf#1 中</value>")]);
    const place = body.indexOf("#1");
    const mixed = Buffer.concat([body.subarray(0, place), Buffer.from([0xe9]), body.subarray(place + 2)]);

    expect(readMethodResponse(mixed)).toEqual({ kind: "value", value: "café 中" });
  });

  it("in unusual writing is read all the same", () => {
    const xml =
      "<?xml version='1.0'?>\n<!-- a --><methodResponse >\n<params>\t<param><value>\n<struct><member><value><i4> 7 </i4></value>" +
      '<name>a&amp;b</name></member><member>\n<name>c</name>\n<value type="x"/></member></struct><!-- b --></value></param></params>\r\n</methodResponse>\n';

    expect(readMethodResponse(Buffer.from(xml))).toEqual({ kind: "value", value: { "a&b": 7, c: "" } });
  });

  it("with text of every writing keeps each character, and line ends as they were printed", () => {
    const written = "a\r\nb &lt;&#60;&#x3C;&quot;&apos;&#20013;<!-- no -->]] <![CDATA[<b>&amp;]]>";

    expect(readMethodResponse(answer(`<value><string>${written}</string></value>`))).toEqual({
      kind: "value",
      value: "a\r\nb <<<\"'中]] <b>&amp;",
    });
  });

  it("with control characters that XML forbids is still read", () => {
    expect(readMethodResponse(answer("<value>a\u0000b\u001bc</value>"))).toEqual({
      kind: "value",
      value: "a\ufffdb\ufffdc",
    });
  });

  it.each([
    [
      "an entity bomb",
      '<!DOCTYPE a [<!ENTITY b "bbbbbbbbbb"><!ENTITY c "&b;&b;&b;">]><methodResponse><params><param><value>&c;</value></param></params></methodResponse>',
    ],
    [
      "a file from here",
      '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><methodResponse><params><param><value>&b;</value></param></params></methodResponse>',
    ],
    ["deep nesting", `<methodResponse><params><param>${"<value><array><data>".repeat(5000)}`],
    [
      "more elements than a result has",
      `<methodResponse><params><param><value><array><data>${"<value/>".repeat(250_000)}`,
    ],
    ["an element of its own", "<methodResponse><script/></methodResponse>"],
    ["a processing instruction", "<methodResponse><?php x?></methodResponse>"],
    ["half an answer", "<methodResponse><params><param><value>"],
    ["no answer", "<methodResponse/>"],
    [
      "two contents in one value",
      "<methodResponse><params><param><value><int>1</int><int>2</int></value></param></params></methodResponse>",
    ],
    [
      "an integer that is none",
      "<methodResponse><params><param><value><int>1e9</int></value></param></params></methodResponse>",
    ],
    [
      "closed in another order",
      "<methodResponse><params><param><value><int>1</value></int></param></params></methodResponse>",
    ],
    ["followed by another", `${answer("<value>1</value>")}<methodResponse/>`],
    ["with an entity of nobody", `${answer("<value>&nbsp;</value>")}`],
    ["with a bare ampersand", `${answer("<value>a & b</value>")}`],
    ["with a character that is none", `${answer("<value>&#0;</value>")}`],
    ["with a surrogate by number", `${answer("<value>&#xd800;</value>")}`],
    ["with an open comment", "<methodResponse><!-- "],
    ["a member without a name", answer("<value><struct><member><value>1</value></member></struct></value>").toString()],
    ["two lists in one", answer("<value><array><data/><data/></array></value>").toString()],
    ["HTML", "<html><body>It works</body></html>"],
    ["nothing", ""],
  ])("that is %s is refused in one clause", (_what, xml) => {
    expect(() => readMethodResponse(Buffer.from(xml))).toThrow(MalformedAnswer);
  });
});
