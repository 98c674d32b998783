import { expect, it } from "vitest";
import { runTask } from "./run-task.ts";

const task = (moduleId: number, moduleKey: string, parameters: Record<string, string | number | boolean>) =>
  runTask({ moduleId, moduleKey, parameters });

it("tells a command as it can be typed again, and a script by its first line that does something", () => {
  expect(task(0, "command", { command: '["grep","-r","two words","/etc"]' }).line).toBe("grep -r 'two words' /etc");
  expect(task(0, "script", { interpreter: '["/bin/sh","-e"]', script: "#!/bin/sh\n\n  uptime\nid\n" })).toEqual({
    line: "uptime",
    script: { interpreter: "/bin/sh -e", text: "#!/bin/sh\n\n  uptime\nid\n" },
    parameters: [],
  });
});

it("tells a module by its parameters in one line, also a draft that is called nothing of that", () => {
  expect(task(1007, "restart-service", { service: "nginx", wait: true, note: "a\nb" }).line).toBe(
    "service=nginx wait=true note=a⏎b",
  );
  expect(task(0, "my-draft", { command: "x" }).line).toBe("command=x");
  expect(task(1003, "os-version", {}).line).toBe("");
});

it("shows what a record holds otherwise as it is, and hides nothing in it", () => {
  expect(task(0, "command", { command: "not json" }).line).toBe("'not json'");
  expect(task(0, "command", { command: '["echo","a\\u202eb\\u001b[31m"]' }).line).not.toMatch(/[\u202e\u001b]/u);
});
