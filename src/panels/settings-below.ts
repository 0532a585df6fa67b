import type { Severity } from "../advice/rule.ts";
import type { SettingMark } from "../advice/setting-marks.ts";
import { stepWords } from "../advice/steps.ts";
import { FROM_COMMAND_LINE, isForSessions, isOnCommandLine, ROLES_GO_BEFORE } from "../analysis/setting-change.ts";
import { lastResult } from "../analysis/last-result.ts";
import type { Sample } from "../model/reading.ts";
import type { Server } from "../model/server.ts";
import type { Override, Setting } from "../model/tuning.ts";
import type { SettingRow } from "../state/setting-rows.ts";
import { identifier } from "../text/identifier.ts";
import { RELOAD } from "../text/statements.ts";
import { isBestForRoles, settingGroup, settingWords, standsFor, type SettingGroup } from "../text/setting-words.ts";
import type { Line } from "./line.ts";
import { sentenceLines, type Sentence } from "./sentences.ts";
import { isOursHere, overrideText, valueText, whoseText } from "./setting-cells.ts";
import { markWords, TONES } from "./settings.ts";

/** The selected row in sentences: what it is, what it is for, what is to be said about it and how it is changed. */
export function settingsBelow(
  row: SettingRow | null,
  rows: readonly SettingRow[],
  sample: Sample,
  width: number,
  height: number,
): Line[] {
  if (row === null) return [];
  const said = row.kind === "title" ? groupSentences(row.group, rows) : sentences(row, sample);
  return sentenceLines(said, width, height);
}

/** What is to be said of its settings, the worst first: nobody has to look for the marks. */
function groupSentences(group: SettingGroup, rows: readonly SettingRow[]): readonly Sentence[] {
  const marked = rows.flatMap((row) =>
    row.kind === "setting" && row.mark !== null && settingGroup(row.setting.name) === group
      ? [{ setting: row.setting, mark: row.mark }]
      : [],
  );
  if (marked.length === 0) return [{ tone: "muted", text: `There is nothing to be said of ${group}.` }];
  const worst = marked.toSorted((a, b) => SEVERITIES.indexOf(a.mark.severity) - SEVERITIES.indexOf(b.mark.severity));
  return worst.map(({ setting, mark }) => ({
    tone: TONES[mark.severity],
    text: `${setting.name}: ${markWords(setting, mark)}.`,
  }));
}

const SEVERITIES: readonly Severity[] = ["critical", "warning", "info"];

const sentences = lastResult((row: Exclude<SettingRow, { kind: "title" }>, { server }: Sample): readonly Sentence[] => {
  const { setting } = row;
  const does = settingWords(setting.name);
  if (row.kind === "override")
    return [
      {
        tone: "title",
        text: `${setting.name} = ${overrideText(row.override, setting)} for ${whoseText(row.override)}.`,
      },
      {
        tone: "normal",
        text: `Everybody else has ${valueText(setting)}${isOursHere(setting, server) ? ", if they get what we get" : ""}.`,
      },
      ...(does === null ? [] : [{ tone: "normal" as const, text: does }]),
      {
        tone: "muted",
        text: `Sessions that are there already keep what they have. To take it back: ${resetSql(row.override)}`,
      },
    ];
  return [
    { tone: "title", text: headWords(setting, server) },
    ...(does === null ? [] : [{ tone: "normal" as const, text: does }]),
    ...valueSentences(setting, server),
    ...markSentences(row.mark),
    ...overrideSentences(row.overrides, setting),
    { tone: "muted", text: changeWords(setting) },
  ];
});

/** "work_mem = 64MB, from the configuration file; 4MB by default." */
function headWords(setting: Setting, server: Server): string {
  const { name, value, unit, bootValue } = setting;
  if (value === "" && unit === null) return `${name}: a text, which is not read here.`;
  const from = isOursHere(setting, server) ? OURS : (FROM[setting.source ?? ""] ?? `from: ${setting.source}`);
  const usual = bootValue === null ? "" : valueText({ name, unit, value: bootValue });
  const byDefault = bootValue === null || usual === valueText(setting) ? "" : `; ${usual} by default`;
  return `${name} = ${valueText(setting)}, ${from}${byDefault}.`;
}

const OURS = "which our own role, database or connection has";
const FROM: Readonly<Record<string, string>> = {
  default: "the default",
  "configuration file": "from the configuration files",
  "command line": "from the server's command line",
  "environment variable": "from the server's environment",
  override: "from the server itself",
  "": "from where is not seen, since our own session has another",
};

function valueSentences(setting: Setting, server: Server): readonly Sentence[] {
  const other = standsFor(setting.name, setting.value);
  return [
    ...(other === null ? [] : [{ tone: "normal" as const, text: `-1 stands for ${other}.` }]),
    ...(isOursHere(setting, server)
      ? [
          {
            tone: "old" as const,
            text: "What others get is hidden from us by it: look from another role, or at pg_file_settings.",
          },
        ]
      : []),
  ];
}

function markSentences(mark: SettingMark | null): readonly Sentence[] {
  if (mark === null) return [];
  return [
    { tone: TONES[mark.severity], text: `${mark.why}.` },
    ...mark.next.map((step, i): Sentence => ({ tone: "normal", text: `${i + 1}. ${stepWords(step)}` })),
  ];
}

function overrideSentences(overrides: readonly Override[], setting: Setting): readonly Sentence[] {
  if (overrides.length === 0) return [];
  const named = overrides.slice(0, MOST).map((one) => `${whoseText(one)} ${overrideText(one, setting)}`);
  const more = overrides.length > MOST ? ` and ${overrides.length - MOST} more` : "";
  return [{ tone: "normal", text: `Instead of it: ${named.join(", ")}${more}.` }];
}

const MOST = 3;

function changeWords(setting: Setting): string {
  const { name, context } = setting;
  if (context === "internal") return "Nobody sets it: it follows from others, or from how the server was built.";
  if (isOnCommandLine(setting)) {
    const roles = isForSessions(setting) ? ` Or ALTER ROLE ALL SET ${name} = …; ${ROLES_GO_BEFORE}.` : "";
    return `To change it: ${FROM_COMMAND_LINE}.${roles}`;
  }
  const all = `ALTER SYSTEM SET ${name} = …;`;
  if (context === "postmaster") return `To change it: ${all} and a restart, which ends all sessions.`;
  const reload = `${all} then ${RELOAD}`;
  if (isBestForRoles(name))
    return `To change it: best for the role that needs it, ALTER ROLE … SET ${name} = …; for everybody ${reload}`;
  if (context === "sighup") return `To change it: ${reload}`;
  return `To change it: ${reload} For the sessions that set nothing themselves.`;
}

function resetSql({ role, database, name }: Override): string {
  const whose =
    role === null
      ? database === null
        ? "ROLE ALL"
        : `DATABASE ${identifier(database)}`
      : `ROLE ${identifier(role)}${database === null ? "" : ` IN DATABASE ${identifier(database)}`}`;
  return `ALTER ${whose} RESET ${name};`;
}
