import { clean } from "./clean.ts";

/**
 * A name as SQL wants it, so that the statement it stands in can be pasted. A keyword is quoted: a role may be called all, or current_user, and
 * these are others. What could not be seen or typed as it is becomes escapes, so that what is shown of it, cleaned, is what it says.
 */
export function identifier(name: string): string {
  if (/^[a-z_][a-z0-9_$]*$/.test(name)) return KEYWORDS.has(name) ? `"${name}"` : name;
  const quoted = name.replaceAll('"', '""');
  if (clean(quoted) === quoted) return `"${quoted}"`;
  const inside = [...quoted].map((char) => (char === "\\" ? "\\\\" : clean(char) === char ? char : escaped(char)));
  return `U&"${inside.join("")}"`;
}

function escaped(char: string): string {
  const hex = char.codePointAt(0)!.toString(16);
  return hex.length <= 4 ? `\\${hex.padStart(4, "0")}` : `\\+${hex.padStart(6, "0")}`;
}

/** pg_get_keywords() from 10 to 18, without those that are free to be names: what quote_identifier() quotes. */
const KEYWORDS: ReadonlySet<string> = new Set(
  (
    "all analyse analyze and any array as asc asymmetric authorization between bigint binary bit boolean both case cast char character check " +
    "coalesce collate collation column concurrently constraint create cross current_catalog current_date current_role current_schema " +
    "current_time current_timestamp current_user dec decimal default deferrable desc distinct do else end except exists extract false fetch " +
    "float for foreign freeze from full grant greatest group grouping having ilike in initially inner inout int integer intersect interval " +
    "into is isnull join json json_array json_arrayagg json_exists json_object json_objectagg json_query json_scalar json_serialize " +
    "json_table json_value lateral leading least left like limit localtime localtimestamp merge_action national natural nchar none " +
    "normalize not notnull null nullif numeric offset on only or order out outer overlaps overlay placing position precision primary " +
    "real references returning right row select session_user setof similar smallint some substring symmetric system_user table tablesample " +
    "then time timestamp to trailing treat trim true union unique user using values varchar variadic verbose when where window with " +
    "xmlattributes xmlconcat xmlelement xmlexists xmlforest xmlnamespaces xmlparse xmlpi xmlroot xmlserialize xmltable"
  ).split(" "),
);
