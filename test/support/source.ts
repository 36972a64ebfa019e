// Reads a TypeScript file as text, for the tests that hold the plan of the house against the code.
// Refuses to be a parser: it blanks comments and literals, and then looks for what a formatted file can contain.

export interface ImportLine {
  readonly specifier: string;
  /** `import type`, `export type` or `import('x').T` in a type: gone before the program runs. */
  readonly typeOnly: boolean;
}

/** Everything a file imports, exports from, or resolves by a literal name. */
export function importsOf(source: string): ImportLine[] {
  const text = blank(source, { literals: false });
  const found: ImportLine[] = [];
  for (const [, kind, clause, specifier] of text.matchAll(statement))
    found.push({ specifier: specifier ?? '', typeOnly: isTypeOnly(`${kind} ${clause}`) });
  for (const form of [bareImport, call])
    for (const [, specifier] of text.matchAll(form))
      found.push({ specifier: specifier ?? '', typeOnly: false });
  return found;
}

/** Lines that do something when the module is loaded: statements at the left edge that declare nothing, and awaits. */
export function effectsOf(source: string): string[] {
  const lines = blank(source, { literals: true }).split('\n');
  return lines.filter((line) => /^\S/.test(line) && (!declaration.test(line) || startsSomething.test(line)));
}

/** The opening comment, or '' when the file does not open with one. */
export function openingComment(source: string): string {
  return /^(#!.*\n)?((\/\/.*\n)+|\/\*[\s\S]*?\*\/)/.exec(source)?.[2] ?? '';
}

/** The code without comments, literals emptied: what names appear in it, and what only talks about them, differ. */
export const codeOf = (source: string) => blank(source, { literals: true });

const statement =
  /^(import|export) +((?:type +)?(?:\{[^}]*\}|\*(?: as [\w$]+)?|[\w$]+(?:, *(?:\{[^}]*\}|\* as [\w$]+))?)) from ['"]([^'"\n]+)['"]/gm;
const bareImport = /^import ['"]([^'"\n]+)['"]/gm;
const call = /\b(?:import|require|import\.meta\.resolve|require\.resolve)\(\s*['"]([^'"\n]+)['"]/g;

// Biome's format puts every statement of a module at the left edge, and only those and closing brackets.
const declaration =
  /^(import|export|const|function|async function|class|abstract class|interface|type|enum|declare|[)\]}])/;
const startsSomething =
  /^(?:export )?(?:default |let |var )|^(?:export )?const .*=\s*(?:await\b|new (?:Database|Worker|Server|Pool|EventEmitter)\b|(?:open|start|listen|connect|spawn|fork|readFile|writeFile|mkdir)\w*\()/;

function isTypeOnly(clause: string): boolean {
  if (/^(import|export) +type\b/.test(clause)) return true;
  const named = /^import +\{([^}]*)\}\s*$/.exec(clause)?.[1]?.trim();
  return named !== undefined && named !== '' && named.split(',').every((name) => /^\s*(type\b|$)/.test(name));
}

// One thought: a scanner of five states. Line breaks stay, so that line numbers and left edges mean what they meant.
function blank(source: string, { literals }: { literals: boolean }): string {
  let out = '';
  const depths: number[] = [];
  let depth = 0;
  for (let at = 0; at < source.length; ) {
    const rest = source.slice(at, at + 2);
    const char = source[at] ?? '';
    let end = at + 1;
    let hidden = true;
    if (rest === '//') end = orEnd(source.indexOf('\n', at), source);
    else if (rest === '/*') end = orEnd(source.indexOf('*/', at + 2), source) + 2;
    else if (char === "'" || char === '"') [end, hidden] = [endOfQuote(source, at), literals];
    else if (char === '`' || (char === '}' && depths.at(-1) === depth)) {
      if (char === '}') depths.pop();
      end = endOfTemplate(source, at + 1);
      if (source[end - 1] === '{') depths.push(depth);
    } else if (char === '/' && startsRegExp(out)) end = endOfRegExp(source, at);
    else {
      hidden = false;
      if (char === '{') depth += 1;
      if (char === '}') depth -= 1;
    }
    const piece = source.slice(at, end);
    out += hidden ? hide(piece, char) : piece;
    at = end;
  }
  return out;
}

const orEnd = (index: number, source: string) => (index === -1 ? source.length : index);

// A literal leaves an underscore where it began, so that `const x = \`...\`` still reads as a declaration with a value.
const hide = (piece: string, first: string) =>
  (first === '/' ? ' ' : '_') + piece.slice(1).replace(/[^\n]/g, '').replace(/\n/g, '\n  ');

function endOfQuote(source: string, start: number): number {
  for (let at = start + 1; at < source.length; at += 1) {
    if (source[at] === '\\') at += 1;
    else if (source[at] === source[start] || source[at] === '\n') return at + 1;
  }
  return source.length;
}

function endOfTemplate(source: string, start: number): number {
  for (let at = start; at < source.length; at += 1) {
    if (source[at] === '\\') at += 1;
    else if (source[at] === '`') return at + 1;
    else if (source[at] === '$' && source[at + 1] === '{') return at + 2;
  }
  return source.length;
}

// A slash begins a regular expression where a value may begin.
const startsRegExp = (before: string) =>
  /(?:^|[=(,:;[!&|?{}\n+]|\b(?:return|typeof|case|of|in))[ \t\n]*$/.test(before.slice(-40));

function endOfRegExp(source: string, start: number): number {
  let inClass = false;
  for (let at = start + 1; at < source.length && source[at] !== '\n'; at += 1) {
    if (source[at] === '\\') at += 1;
    else if (source[at] === '[') inClass = true;
    else if (source[at] === ']') inClass = false;
    else if (source[at] === '/' && !inClass) return at + 1;
  }
  return start + 1;
}
