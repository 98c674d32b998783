import { describe, expect, it } from "vitest";
import { sharedReason } from "./shared-reason.ts";

describe("sharedReason", () => {
  it("is the same for two hosts that failed alike", () => {
    const one = sharedReason("web1 (10.0.0.1:22) refused the connection.", "web1", "10.0.0.1");
    const other = sharedReason("web22 (10.0.0.22:22) refused the connection.", "web22", "10.0.0.22");

    expect(one).toBe("‹host› (‹address›:22) refused the connection.");
    expect(other).toBe(one);
  });

  it("leaves words alone that merely contain the name", () => {
    expect(sharedReason("a was late; data: a-b, a.", "a", "")).toBe("‹host› was late; data: a-b, ‹host›.");
  });

  it.each(["$&", "(", "‹host›", "x".repeat(1000)])("takes any name as text: %s", (name) => {
    expect(sharedReason(`${name} is gone`, name, "")).toBe("‹host› is gone");
  });
});
