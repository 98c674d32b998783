import { expect, it } from "vitest";
import { copiedSource } from "./copied-source.ts";

it("gives a copy no number and a key of its own, and leaves everything else as it is", () => {
  const source =
    "# ours\nid: 1007\nkey: restart-service\nname:\n  en: Restart\nparameters:\n  properties:\n    id:\n      key: x\n";

  expect(copiedSource(source)).toBe(
    "# ours\nkey: restart-service-copy\nname:\n  en: Restart\nparameters:\n  properties:\n    id:\n      key: x\n",
  );
  expect(copiedSource('key: "disk.usage"\nid: 7\n')).toBe("key: disk.usage-copy\n");
});
