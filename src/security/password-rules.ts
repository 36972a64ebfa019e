// Which passwords nobody should choose here: too short, or among the first that anybody would try. Asks for no digits or signs, which
// make passwords harder to remember and no harder to guess (NIST SP 800-63B, ASVS 6.2).

export type PasswordFault = 'too-short' | 'too-long' | 'too-common' | 'like-the-name';

/** Characters as people count them: code points. */
export const minPasswordLength = 12;
export const maxPasswordLength = 128;

/** @param name whose password it shall be. @returns undefined for one that may be used. */
export async function passwordFault(password: string, name: string): Promise<PasswordFault | undefined> {
  const length = [...password].length;
  if (length < minPasswordLength) return 'too-short';
  if (length > maxPasswordLength) return 'too-long';
  const plain = fold(password);
  if (isLikeName(plain, fold(name))) return 'like-the-name';
  return isWalk(plain) || isRepeated(plain) || (await isWidelyUsed(plain)) ? 'too-common' : undefined;
}

// Only for comparing: what is hashed is what was typed.
const fold = (text: string) => text.normalize('NFKC').toLowerCase();

/** Characters that must be there beside the name, which everybody knows. */
const fewestOwn = 7;

function isLikeName(password: string, name: string): boolean {
  if ([...name].length < 3) return false;
  return password.includes(name) && [...password.replaceAll(name, '')].length < fewestOwn;
}

/** `qwertyuiop12`, `1qaz2wsx3edc`, `abcdefghijkl`, `aaaaaaaaaaaa`: steps to a neighbour, and at most two jumps. */
function isWalk(password: string): boolean {
  const keys = [...password];
  const jumps = keys.filter((key, at) => at > 0 && !areNeighbours(keys[at - 1] ?? '', key));
  return jumps.length <= 2;
}

const keyRows = ['1234567890-=', 'qwertyuiop[]', "asdfghjkl;'", 'zxcvbnm,./'];

function areNeighbours(a: string, b: string): boolean {
  if (Math.abs((a.codePointAt(0) ?? 0) - (b.codePointAt(0) ?? 0)) <= 1) return true;
  const [from, to] = [placeOf(a), placeOf(b)];
  return Math.abs(from.row - to.row) <= 1 && Math.abs(from.column - to.column) <= 1;
}

// A key that is not there is nobody's neighbour: NaN compares with nothing.
function placeOf(key: string): { readonly row: number; readonly column: number } {
  const row = keyRows.findIndex((keys) => keys.includes(key));
  return row < 0 ? { row: Number.NaN, column: Number.NaN } : { row, column: keyRows[row]?.indexOf(key) ?? 0 };
}

/** The same few characters again and again, the last time perhaps not to their end. */
function isRepeated(password: string): boolean {
  const keys = [...password];
  const isEvery = (step: number) => keys.every((key, at) => at < step || key === keys[at - step]);
  return [1, 2, 3, 4, 5, 6].some(isEvery);
}

/** One of the list, alone, twice or more, or dressed up with a few digits and signs: `Password1234!`. */
async function isWidelyUsed(password: string): Promise<boolean> {
  const words = await widelyUsed();
  const undressed = password.replace(/^\P{L}{0,8}/u, '').replace(/\P{L}{0,8}$/u, '');
  return [password, undressed, unitOf(password), unitOf(undressed)].some(
    (text) => words.includes(text) || madeHere.includes(text),
  );
}

const unitOf = (text: string) => /^(.+?)\1+$/su.exec(text)?.[1] ?? text;

/**
 * 49,000 in lower case, most used first. Loaded only when somebody chooses a password: it takes a tenth of a second and 18 MB. Most are
 * shorter than what is asked for, and that is what they are here for: people lengthen them.
 */
async function widelyUsed(): Promise<readonly string[]> {
  const { dictionary } = await import('@zxcvbn-ts/language-common');
  return dictionary['passwords-common'];
}

/** What the list does not know: ours, and Korean words as they come out of an English keyboard. */
const madeHere = ['sajin', 'sajingallery', 'photogallery', 'dkssudgktpdy', 'tkfkdgody', 'tkfkdgo', 'tkwls'];
