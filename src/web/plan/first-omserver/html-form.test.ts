import { describe, expect, it } from "vitest";
import { readHtmlForm } from "./html-form.ts";
import { htmlText } from "./html-text.ts";

describe("a form", () => {
  it("of a text box has its label, default and length", () => {
    const form = readHtmlForm(
      '显示行数：<input name="sys_param_1" type="text" id="sys_param_1" value="30" size="10" maxlength="5"><br>\r\n',
    );

    expect(form).toEqual({
      properties: {
        sys_param_1: {
          type: "string",
          title: "显示行数",
          "x-zh": { title: "显示行数" },
          maxLength: 5,
          default: "30",
        },
      },
      required: [],
      problems: [],
      notes: [],
    });
  });

  it("of a list has its choices with their labels, and the chosen one", () => {
    const { properties, required } = readHtmlForm(
      "<b>应用</b>:&nbsp;<select name='sys_param_1'><optgroup label=web><option value='nginx'>Nginx 服务<option value=haproxy selected>haproxy</optgroup>" +
        "<option>sysctl</option><option disabled value=x>x</option></select>",
    );

    expect(properties.sys_param_1).toEqual({
      type: "string",
      title: "应用",
      enum: ["nginx", "haproxy", "sysctl"],
      default: "haproxy",
      "x-zh": { title: "应用", enum: { nginx: "Nginx 服务" } },
      "x-en": { enum: { nginx: "Nginx 服务" } },
    });
    expect(required).toEqual(["sys_param_1"]);
  });

  it("of several controls keeps them in the order of their numbers, each with its own label", () => {
    const { properties, problems } = readHtmlForm(
      '<table><tr><td>密码</td><td><input type="password" name="sys_param_2" value="root"></td></tr>' +
        '<tr><td>说明</td><td><textarea name="sys_param_1">a\r\nb</textarea></td></tr>' +
        '<tr><td>方式：<input type="radio" name="sys_param_3" value="r">重启<input type="radio" name="sys_param_3" value="s" checked>停止</td></tr></table>' +
        '<input type="hidden" name="sys_param_4" value="fixed">',
    );

    expect(Object.keys(properties)).toEqual(["sys_param_1", "sys_param_2", "sys_param_3", "sys_param_4"]);
    expect(properties.sys_param_1).toMatchObject({ title: "说明", format: "multiline", default: "a\nb" });
    expect(properties.sys_param_2).toEqual({
      type: "string",
      title: "密码",
      "x-zh": { title: "密码" },
      format: "password",
    });
    expect(properties.sys_param_3).toMatchObject({
      title: "方式",
      enum: ["r", "s"],
      default: "s",
      "x-zh": { enum: { r: "重启", s: "停止" } },
    });
    expect(properties.sys_param_4).toMatchObject({ const: "fixed", title: "sys_param_4" });
    expect(problems).toEqual([]);
  });

  it.each([
    ["a file", '<input type="file" name="sys_param_1">', /type="file"/],
    ["a check box", '<input type="checkbox" name="sys_param_1">', /type="checkbox"/],
    ["several choices at once", "<select multiple name=sys_param_1><option>a</select>", /several choices/],
    ["an empty list", "<select name=sys_param_1></select>", /no choice/],
    ["the same name twice", "<input name=sys_param_1><input name=sys_param_1>", /twice/],
    ["a gap in the numbers", "<input name=sys_param_2>", /without a sys_param_1/],
    ["a hidden nothing", "<input type=hidden name=sys_param_1>", /hidden/],
  ])("with %s is told and not guessed", (_what, html, problem) => {
    expect(readHtmlForm(html).problems.join()).toMatch(problem);
  });

  it("leaves out, and names, what is no parameter", () => {
    const { properties, notes } = readHtmlForm(
      '<script>alert(1)</script><input name="other"><input type=submit value=go><button>x</button>' +
        '<input name=sys_param_1 maxlength=many value="<b>"><input maxlength=2 name=sys_param_2 value=abc>',
    );

    expect(properties).toEqual({
      sys_param_1: { type: "string", title: "sys_param_1", "x-zh": { title: "sys_param_1" }, default: "<b>" },
      sys_param_2: { type: "string", title: "sys_param_2", "x-zh": { title: "sys_param_2" }, maxLength: 2 },
    });
    expect(notes).toHaveLength(6);
  });

  it("that preselects several choices has the one that a browser would show", () => {
    const { properties, notes } = readHtmlForm(
      "<select name=sys_param_1><option value=a selected>A</option><option value=b selected>B</option><option value=c>C</option></select>",
    );

    expect(properties.sys_param_1).toMatchObject({ default: "b" });
    expect(notes.join()).toContain("preselects several");
  });

  it("keeps the words behind a control with that control, and those of the next cell with the next", () => {
    const { properties, notes } = readHtmlForm(
      "行数：<INPUT NAME=sys_param_1 VALUE=30>行<BR>级别：<INPUT NAME=sys_param_2><P><INPUT NAME=sys_param_3> 端口</P>" +
        "<TABLE><TR><TD>方式<TD><INPUT TYPE=radio NAME=sys_param_4 VALUE=r>重启<TD>用户<TD><INPUT NAME=sys_param_5></TABLE>请谨慎",
    );

    expect(properties.sys_param_1).toMatchObject({ title: "行数", description: "行", "x-zh": { description: "行" } });
    expect(properties.sys_param_2).toMatchObject({ title: "级别" });
    expect(properties.sys_param_3).toMatchObject({ title: "端口" });
    expect(properties.sys_param_4).toMatchObject({ title: "方式", "x-zh": { enum: { r: "重启" } } });
    expect(properties.sys_param_5).toMatchObject({ title: "用户" });
    expect(notes).toEqual(["the text “请谨慎” belongs to no control and is left out"]);
  });

  it("does not guess which text belongs to a radio button", () => {
    const { properties, notes } = readHtmlForm(
      "方式：重启<input type=radio name=sys_param_1 value=r>停止<input type=radio name=sys_param_1 value=s>",
    );

    expect(properties.sys_param_1).toEqual({
      type: "string",
      title: "方式",
      "x-zh": { title: "方式" },
      enum: ["r", "s"],
      default: "r",
    });
    expect(notes.join()).toContain("not clear");
  });

  it("has fixed what nobody could change, hints as descriptions, and tells what a page did besides", () => {
    const { properties, notes, problems } = readHtmlForm(
      "用途：<input type=hidden name=sys_param_2 value=x><input name=sys_param_1 placeholder=nginx onclick=go() onblur=go()><br>" +
        "版本：<input name=sys_param_3 value=1.2 readonly><br><input name=sys_param_4 disabled value=y><datalist id=a><option>b</datalist>",
    );

    expect(properties.sys_param_1).toMatchObject({ title: "用途", description: "nginx" });
    expect(properties.sys_param_2).toMatchObject({ const: "x" });
    expect(properties.sys_param_3).toMatchObject({ title: "版本", const: "1.2" });
    expect(properties.sys_param_4).toBeUndefined();
    expect(notes).toEqual([
      "the onclick of an <input> is left out",
      "the onblur of an <input> is left out",
      "sys_param_4 is disabled and is left out",
    ]);
    expect(problems).toEqual([]);
  });

  it("that is empty has no parameters", () => {
    expect(readHtmlForm("")).toEqual({ properties: {}, required: [], problems: [], notes: [] });
    expect(readHtmlForm("<b>没有参数</b>").properties).toEqual({});
  });
});

it("text of HTML is what a person reads", () => {
  expect(htmlText("查看<font color=red>系统</font>日志。<br>Ver:1.0 &lt;x&gt;<script>bad()</script>\r\n")).toBe(
    "查看系统日志。 Ver:1.0 <x>",
  );
});
