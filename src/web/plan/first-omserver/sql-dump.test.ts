import { describe, expect, it } from "vitest";
import { readSqlDump } from "./sql-dump.ts";

const wanted = { t: ["id", "name"] };

function values(text: string): (string | null)[][] {
  return (readSqlDump(text, wanted).rows.get("t") ?? []).map((row) => [...row.values.values()]);
}

describe("a dump", () => {
  it("of mysqldump is read: no column lists, conditionals, keys, escapes", () => {
    const text = `-- MySQL dump 10.13  Distrib 5.1.73, for redhat-linux-gnu (x86_64)
/*!40101 SET @OLD_CHARACTER_SET_CLIENT=@@CHARACTER_SET_CLIENT */;
/*!40101 SET NAMES utf8 */;
DROP TABLE IF EXISTS \`t\`;
CREATE TABLE \`t\` (
  \`name\` char(13) NOT NULL COMMENT '名称, with (brackets)',
  \`ID\` int(11) NOT NULL AUTO_INCREMENT,
  PRIMARY KEY (\`ID\`),
  KEY \`by_name\` (\`name\`,\`ID\`)
) ENGINE=MyISAM DEFAULT CHARSET=utf8;
LOCK TABLES \`t\` WRITE;
/*!40000 ALTER TABLE \`t\` DISABLE KEYS */;
INSERT INTO \`t\` VALUES ('it\\'s',1),('two ''quotes''',2),('back\\\\slash\\nline\\t\\"',3),(NULL,-4);
/*!40000 ALTER TABLE \`t\` ENABLE KEYS */;
UNLOCK TABLES;`;

    expect(values(text)).toEqual([
      ["it's", "1"],
      ["two 'quotes'", "2"],
      ['back\\slash\nline\t"', "3"],
      [null, "-4"],
    ]);
    expect([...(readSqlDump(text, wanted).rows.get("t")?.[0]?.values.keys() ?? [])]).toEqual(["name", "id"]);
  });

  it("of phpMyAdmin is read: column lists, Chinese comments, several inserts", () => {
    const text = `-- phpMyAdmin SQL Dump
--
-- 转存表中的数据 't'; 这里有 ' 引号 和 ; 分号
--
INSERT INTO \`OMServer\`.\`t\` (\`ID\`, \`name\`) VALUES
(1, 'Linux.Web'),
(2, '<a href="x">中文;(,)</a>\\r\\n-- not a comment');
# another comment
INSERT IGNORE INTO t (name, ID) VALUES ("double ""quoted""", 3);
REPLACE INTO t VALUES (4, _utf8'with a set'), (5, 0xE4B8AD), (6, now()), (7, 'a' 'b'), (8, 1.5e3), (9, TRUE);`;

    expect(values(text)).toEqual([
      ["1", "Linux.Web"],
      ["2", '<a href="x">中文;(,)</a>\r\n-- not a comment'],
      ['double "quoted"', "3"],
      ["4", "with a set"],
      ["5", "中"],
      ["6", null],
      ["7", "ab"],
      ["8", "1.5e3"],
      ["9", "1"],
    ]);
  });

  it("tells the line of every row, and of what it cannot read", () => {
    const { rows, faults } = readSqlDump(
      "\n-- x\nINSERT INTO t VALUES (1,'a\nb'),\n(2),\n(3,'c');\nINSERT INTO t SELECT * FROM u;\nINSERT INTO t VALUES (4,'d'",
      wanted,
    );

    expect(rows.get("t")?.map((row) => [row.line, row.values.get("id")])).toEqual([
      [3, "1"],
      [6, "3"],
    ]);
    expect(faults).toEqual([
      { line: 5, table: "t", reason: "This row has 1 values for 2 columns (id, name)." },
      { line: 7, table: "t", reason: "This INSERT cannot be read: no list of values where it should be." },
      { line: 8, table: "t", reason: "This row does not end." },
    ]);
  });

  it("with a quote that never ends says so and keeps what came before", () => {
    const dump = readSqlDump("INSERT INTO t VALUES (1,'a');\nINSERT INTO t VALUES (2,'never", wanted);

    expect(dump.rows.get("t")).toHaveLength(1);
    expect(dump.faults).toMatchObject([
      { line: 2, reason: "This row does not end." },
      { line: 2, reason: "The dump has a text in quotes that never ends." },
    ]);
  });

  it("of other tables and statements is passed over", () => {
    const text =
      "DELIMITER ;;\nCREATE TRIGGER x BEFORE INSERT ON t FOR EACH ROW SET @a='(';\nINSERT INTO other VALUES (1,2);INSERT INTO t VALUES (1,'x');";

    expect(values(text)).toEqual([["1", "x"]]);
  });

  it("of 20 MB is read in seconds", () => {
    const row = `(12345,'${"x".repeat(180)}')`;
    const text = `INSERT INTO t VALUES ${Array.from({ length: 100_000 }, () => row).join(",\n")};`;
    const begun = performance.now();

    expect(readSqlDump(text, wanted).rows.get("t")).toHaveLength(100_000);
    expect(performance.now() - begun).toBeLessThan(20_000);
  });
});
