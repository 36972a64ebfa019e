// What a browser calls itself, as people call it: "Chrome, Android". Only for telling one's own devices apart; nothing is decided by it.
import type { Speech } from '../words.ts';

// The first that fits: most browsers also claim to be those that stand below them.
const browsers: readonly (readonly [RegExp, string])[] = [
  [/\bEdgA?\/|EdgiOS/, 'Edge'],
  [/\bOPR\/|Opera/, 'Opera'],
  [/SamsungBrowser/, 'Samsung Internet'],
  [/NAVER\(/, 'NAVER'],
  [/KAKAOTALK/i, 'KakaoTalk'],
  [/Whale\//, 'Whale'],
  [/Firefox\/|FxiOS/, 'Firefox'],
  [/Chrome\/|CriOS/, 'Chrome'],
  [/Safari\//, 'Safari'],
];
const systems: readonly (readonly [RegExp, string])[] = [
  [/iPhone/, 'iPhone'],
  [/iPad/, 'iPad'],
  [/Android/, 'Android'],
  [/CrOS/, 'ChromeOS'],
  [/Windows/, 'Windows'],
  [/Mac OS X|Macintosh/, 'Mac'],
  [/Linux/, 'Linux'],
];

/** @param agent the header, or its beginning */
export function deviceName(agent: string, { words }: Speech): string {
  const found = [nameIn(browsers, agent), nameIn(systems, agent)].filter((name) => name !== undefined);
  if (found.length > 0) return found.join(' · ');
  // A program: its own name, without version.
  return /^[\w.-]{1,40}/.exec(agent)?.[0] ?? words.account.unknownDevice;
}

/** For choosing the icon. */
export const isHandheld = (agent: string): boolean => /iPhone|iPad|Android|Mobile/.test(agent);

const nameIn = (names: readonly (readonly [RegExp, string])[], agent: string) =>
  names.find(([pattern]) => pattern.test(agent))?.[1];
