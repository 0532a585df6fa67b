import { settingMarks, type SettingMark } from "../advice/setting-marks.ts";
import type { Finding } from "../advice/rule.ts";
import { lastResult } from "../analysis/last-result.ts";
import type { Sample } from "../model/reading.ts";
import type { Override, Setting, Tuning } from "../model/tuning.ts";
import { SETTING_GROUPS, settingGroup, type SettingGroup } from "../text/setting-words.ts";
import type { TabRow } from "./tab-row.ts";

/** A line of the settings: the title of a group, a setting, or what a role or a database has instead. */
export type SettingRow = TabRow &
  (
    | { readonly kind: "title"; readonly group: SettingGroup; readonly count: number }
    | {
        readonly kind: "setting";
        readonly setting: Setting;
        readonly overrides: readonly Override[];
        readonly mark: SettingMark | null;
      }
    | { readonly kind: "override"; readonly setting: Setting; readonly override: Override }
  );

/** None in the host lane, where nobody tells, and before they are read for the first time. */
export const settingRows = lastResult((sample: Sample, findings: readonly Finding[]): readonly SettingRow[] => {
  const { tuning } = sample.server;
  if (tuning === null) return [];
  const marks = settingMarks(sample, findings);
  return GROUPS.flatMap((group) => {
    const settings = inOrder(group, tuning);
    if (settings.length === 0) return [];
    const title: SettingRow = { kind: "title", group, count: settings.length, key: `group ${group}`, backend: null };
    return [title, ...settings.flatMap((setting) => ofSetting(setting, tuning, marks.get(setting.name) ?? null))];
  });
});

const GROUPS = Object.keys(SETTING_GROUPS) as readonly SettingGroup[];

/** As their words stand; what has none, and waits for a restart, by its name behind them. */
function inOrder(group: SettingGroup, { settings }: Tuning): readonly Setting[] {
  const known = Object.keys(SETTING_GROUPS[group]);
  const place = (name: string): number => (known.includes(name) ? known.indexOf(name) : known.length);
  return settings
    .filter(({ name }) => settingGroup(name) === group)
    .sort((a, b) => place(a.name) - place(b.name) || (a.name < b.name ? -1 : 1));
}

function ofSetting(setting: Setting, tuning: Tuning, mark: SettingMark | null): readonly SettingRow[] {
  const overrides = tuning.overrides.filter(({ name }) => name === setting.name);
  return [
    { kind: "setting", setting, overrides, mark, key: `setting ${setting.name}`, backend: null },
    ...overrides.map((override): SettingRow => {
      const whose = JSON.stringify([override.role, override.database]);
      return { kind: "override", setting, override, key: `override ${setting.name} ${whose}`, backend: null };
    }),
  ];
}
