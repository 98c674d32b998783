import { z } from "zod";
import { controllerNamePattern, zoneNamePattern } from "../../controller.ts";
import { reasonText } from "../../reasons.ts";

/** Fields that several shapes share. Times are milliseconds since 1970. */

/** What an integer column of every database holds. */
export const largestInteger = 2_147_483_647;

/** In a path: plain decimal digits, so that one object has one address. */
export const id = z.preprocess(plainDigits, z.coerce.number().int().positive().max(largestInteger));

/** In a body. */
export const idNumber = z.number().int().positive().max(largestInteger);

/** Where to go on, in a query string. */
export const offset = z.coerce.number().int().min(0).max(largestInteger);

/** 0-based place of a host in a run, in a path. */
export const position = z.preprocess(plainDigits, z.coerce.number().int().min(0).max(largestInteger));

/** A time in a query string. */
export const time = z.coerce.number().int().min(0).max(8_640_000_000_000_000);

export const timestamp = z.number().int();

/** `1e0`, `0x1`, `+1` and ` 1` are numbers to JavaScript too; here they are none. */
function plainDigits(raw: unknown): unknown {
  return typeof raw === "string" && !/^\d+$/.test(raw) ? Number.NaN : raw;
}

/** No control characters, no leading `-`, no surrounding space. */
export const name = z
  .string()
  .min(1)
  .max(128)
  .regex(/^[^\p{Cc}\p{Zl}\p{Zp}]*$/u, reasonText("field_no_control"))
  .regex(/^(?!-)/, reasonText("field_no_dash"))
  .refine((text) => text === text.trim(), reasonText("field_no_edges"));

/** A category's name; `/` separates the levels of a path, so no name holds one. */
export const categoryName = name.max(64).regex(/^[^/]*$/, reasonText("field_no_slash"));

/** What a host may be called: letters, digits, `.`, `_`, `-`; begins with a letter or digit. */
export const hostName = z
  .string()
  .min(1)
  .max(253)
  .regex(/^[\p{L}\p{N}][\p{L}\p{N}._-]*$/u, reasonText("field_host_name"));

export const zone = z.string().regex(zoneNamePattern, reasonText("field_one_word"));

/** Empty leaves it to what stands above: the app category, the function category, the default zone. */
export const zoneOrNone = z.union([zone, z.literal("")]);

/** IPv4, IPv6 without brackets, or a DNS name, whose last label is never a number: `10.11.0.300` is a mistyped address. */
export const address = z
  .string()
  .max(253)
  .regex(
    /^(?:(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|$)){4}|[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*(?:%[A-Za-z0-9._-]+)?|(?!(?:.*\.)?\d+$)[A-Za-z0-9](?:[A-Za-z0-9_-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9_-]*[A-Za-z0-9])?)*)$/,
    reasonText("field_address"),
  )
  .refine(
    (text) => !text.includes(":") || URL.canParse(`http://[${text.replace(/%.*/, "")}]`),
    reasonText("field_address"),
  );

export const tag = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[\p{L}\p{N}][\p{L}\p{N}._:-]*$/u, reasonText("field_tag"));

/** Account on a host. */
export const userName = z
  .string()
  .max(64)
  .regex(/^(?:[A-Za-z_][A-Za-z0-9_.@-]*\$?)?$/, reasonText("field_user"));

export const localizedText = z.object({ zh: z.string().max(2000), en: z.string().max(2000) });

export const parameterValues = z.record(
  z.string().max(64),
  z.union([z.string().max(1_048_576), z.number(), z.boolean()]),
);

export const query = z.string().max(65_536);

export const pageQuery = z.object({
  cursor: z.string().max(512).optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
});

export function page<Row extends z.ZodType>(row: Row) {
  return z.object({ rows: z.array(row), next: z.string().optional() });
}

export const controllerName = z.string().regex(controllerNamePattern, reasonText("controller_name_form"));
