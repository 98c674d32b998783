import { expect, test } from "vitest";
import { placeHosts } from "./fleet-plan.ts";

test("a fleet has as many hosts as asked for, each with a name of its own", () => {
  for (const count of [1, 2, 5, 24, 250, 2000]) {
    const names = placeHosts(count).map((host) => host.name);
    expect(names).toHaveLength(count);
    expect(new Set(names).size).toBe(count);
  }
});

test("24 hosts stand in at least five function categories, most of them web servers", () => {
  const hosts = placeHosts(24);

  const categories = Map.groupBy(hosts, (host) => host.functionCategory);

  expect(categories.size).toBeGreaterThanOrEqual(5);
  expect(categories.get("Linux.Web")?.length).toBeGreaterThan(24 / 3);
  expect(hosts[0]).toEqual({
    name: "web01",
    functionCategory: "Linux.Web",
    appCategory: "www.domain.com",
    tags: ["demo", "bj"],
  });
});

test("a larger fleet has every host of a smaller one", () => {
  const smaller = placeHosts(24).map((host) => host.name);
  const larger = new Set(placeHosts(200).map((host) => host.name));

  expect(smaller.filter((name) => !larger.has(name))).toEqual([]);
});

test("numbers have the width that the largest kind needs", () => {
  expect(placeHosts(2000).filter((host) => !/^[a-z]+[0-9]{3}$/.test(host.name))).toEqual([]);
});
